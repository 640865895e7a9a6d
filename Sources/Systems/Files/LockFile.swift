import CPosix
import Glibc

/// An exclusive lock on a folder's lock file, held until this object goes.
///
/// The kernel drops it when the process ends, however it ends, so a lock left behind by a crash is no obstacle.
public final class LockFile: Sendable {
    private let file: Descriptor

    public var path: String { file.path }

    /// Takes the lock, or throws ``FileError/locked(path:)`` at once when another holder (in this process or another) has it.
    /// The file then holds this process's id, for the operator.
    public init(_ path: String) throws(FileError) {
        file = try Descriptor(opening: path, O_RDWR | O_CREAT)
        guard flock(file.number, LOCK_EX | LOCK_NB) == 0 else {
            throw errno == EWOULDBLOCK ? .locked(path: path) : FileError(path: path)
        }
        guard ftruncate(file.number, 0) == 0 else { throw FileError(path: path) }
        try file.writeAll(Array("\(getpid())\n".utf8).span)
    }

    /// Unlocks before it closes: a child that is being started shares what is open until it runs its program, and would keep the lock that long.
    deinit { flock(file.number, LOCK_UN) }

    /// Whether the path still leads to the file that is locked: it, or its folder, may have been moved, removed or replaced.
    public var isInPlace: Bool { file.isInPlace }

    /// The process id a holder wrote into the file, if it can be read.
    public static func holder(of path: String) -> Int? {
        // An unreadable lock file only costs the operator a hint.
        guard let bytes = try? File.read(path, limit: 64) else { return nil }
        return Int(String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }
}
