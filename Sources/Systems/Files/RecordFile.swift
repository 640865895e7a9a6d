import CPosix
import Glibc

/// A file of a few bytes that are written over in place, by one call each time: a process that is killed leaves the old ones or the new ones.
///
/// Nothing is put on the disk but by ``sync()``: after a power cut older bytes may be there, or none. Confined to one thread at a time.
public final class RecordFile {
    private let file: Descriptor

    /// Opens the file, or makes an empty one.
    public init(_ path: String, mode: UInt32 = 0o600) throws(FileError) {
        file = try Descriptor(opening: path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: mode)
    }

    /// Whether its path still leads to it: where it was moved, removed or replaced, nobody will find what is written to it.
    public var isInPlace: Bool { file.isInPlace }

    /// The file's bytes, up to `limit`.
    public func read(limit: Int) throws(FileError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: limit)
        while true {
            let count = unsafe bytes.withUnsafeMutableBytes { unsafe pread(file.number, $0.baseAddress, $0.count, 0) }
            if count >= 0 { return Array(bytes.prefix(count)) }
            guard errno == EINTR else { throw FileError(path: file.path) }
        }
    }

    /// Writes over the file's first bytes.
    public func write(_ bytes: [UInt8]) throws(FileError) {
        while true {
            let count = unsafe bytes.withUnsafeBytes { unsafe pwrite(file.number, $0.baseAddress, $0.count, 0) }
            if count == bytes.count { return }
            guard count < 0 else { throw .noSpace(path: file.path) }
            guard errno == EINTR else { throw FileError(path: file.path) }
        }
    }

    /// Returns after the bytes and the file's name are on the disk.
    public func sync() throws(FileError) {
        try file.sync()
        try Directory.sync(Directory.parent(of: file.path))
    }
}
