internal import Files
internal import Synchronization

/// A service's data folder, which no other process may open while this one holds it.
public final class DataFolder: Sendable {
    public let path: String
    private let lock: Mutex<LockFile?>

    /// Takes the folder, which is made, with mode 0700, where it is missing, and clears away what a process that died has left unfinished in it.
    /// - Throws: ``DataFolderError``, or a `FileError`.
    public init(_ path: String) throws {
        self.path = path
        let file = "\(path)/.lock"
        try Directory.create(path)
        try Self.requirePrivate(path)
        do throws(FileError) {
            lock = Mutex(try LockFile(file))
        } catch {
            guard case .locked = error else { throw error }
            throw DataFolderError.inUse(path: path, holder: LockFile.holder(of: file))
        }
        try File.removeUnfinished(below: path)
    }

    /// Whoever may write to a folder may put other files in the places of ours, which is for the operator to settle.
    /// - Throws: ``DataFolderError/writableByOthers(path:mode:)``, or a `FileError`.
    public static func requirePrivate(_ path: String) throws {
        let mode = try Directory.mode(path)
        guard mode & 0o022 == 0 else { throw DataFolderError.writableByOthers(path: path, mode: mode) }
    }

    /// Whether the path still leads to the folder that was taken. Where it was moved, removed or replaced, nobody will find what is written to its files.
    public var isInPlace: Bool { lock.withLock { $0?.isInPlace ?? false } }

    /// Gives the folder free; every file in it is closed.
    public func close() {
        lock.withLock { $0 = nil }
    }
}

/// Why a data folder can't be had.
public enum DataFolderError: Error, Equatable, Sendable, CustomStringConvertible {
    case inUse(path: String, holder: Int?)
    /// Its group, or everybody, may write to it.
    case writableByOthers(path: String, mode: UInt32)

    /// One sentence for an operator.
    public var description: String {
        switch self {
        case .inUse(let path, let holder): "\(path) is in use by another process\(holder.map { " (\($0))" } ?? "")"
        case .writableByOthers(let path, let mode):
            "\(path) has mode \(String(mode, radix: 8)), so others than its owner may write to it: chmod go-w \(path), or name a folder below it"
        }
    }
}
