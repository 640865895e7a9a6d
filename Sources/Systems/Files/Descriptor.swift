import CPosix
import Glibc

/// An open file descriptor, closed when it goes out of scope.
///
/// The descriptor is ours alone: it comes from `open`, is opened close-on-exec and is closed once, in `deinit`.
struct Descriptor: ~Copyable {
    let number: Int32
    let path: String

    /// - Parameter name: what errors are about, where it isn't `path`.
    init(opening path: String, _ flags: Int32, mode: UInt32 = 0o600, called name: String? = nil) throws(FileError) {
        guard !path.utf8.contains(0) else { throw .malformedPath }
        var number: Int32 = -1
        repeat { number = unsafe strongroom_open(path, flags, mode) } while number < 0 && errno == EINTR
        let name = name ?? path
        guard number >= 0 else { throw FileError(path: name) }
        self.number = number
        self.path = name
    }

    deinit {
        close(number)
    }

    /// Whether its path still leads to it: the file, or its folder, may have been moved, removed or replaced.
    var isInPlace: Bool { Self.isInPlace(number, path) }

    static func isInPlace(_ number: Int32, _ path: String) -> Bool {
        guard let there = try? File.status(path) else { return false }
        var held = stat()
        return unsafe fstat(number, &held) == 0 && held.st_dev == there.st_dev && held.st_ino == there.st_ino
    }

    /// The length of the file, in bytes.
    func size() throws(FileError) -> Int {
        var status = stat()
        guard unsafe fstat(number, &status) == 0 else { throw FileError(path: path) }
        return Int(status.st_size)
    }

    func isRegular() throws(FileError) -> Bool {
        var status = stat()
        guard unsafe fstat(number, &status) == 0 else { throw FileError(path: path) }
        return status.st_mode & S_IFMT == S_IFREG
    }

    /// Reads to the end, or fails once more than `limit` bytes have come.
    func readAll(limit: Int) throws(FileError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: min(max(try size() + 1, 4096), 1 << 20))
        while true {
            let count = try read(into: &chunk)
            if count == 0 { return bytes }
            guard bytes.count + count <= limit else { throw .tooLarge(path: path, limit: limit) }
            bytes.append(contentsOf: chunk[..<count])
        }
    }

    /// Reads as many bytes as fit and are there; 0 at the end.
    func read(into chunk: inout [UInt8]) throws(FileError) -> Int {
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(number, $0.baseAddress, $0.count) }
            if count >= 0 { return count }
            guard errno == EINTR else { throw FileError(path: path) }
        }
    }

    func writeAll(_ bytes: Span<UInt8>) throws(FileError) {
        var offset = 0
        while offset < bytes.count {
            let count = unsafe bytes.extracting(offset..<bytes.count).withUnsafeBytes {
                unsafe Glibc.write(number, $0.baseAddress, $0.count)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw FileError(path: path)
            }
            offset += count
        }
    }

    /// Returns after the file's bytes and length are on the disk.
    func sync() throws(FileError) {
        guard fsync(number) == 0 else { throw FileError(path: path) }
    }
}
