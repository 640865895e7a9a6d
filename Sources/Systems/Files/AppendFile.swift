import Glibc

/// A file that only grows, such as a log. Each write goes to its end in one piece, whoever else appends; any thread may write.
public final class AppendFile: Sendable {
    private let file: Descriptor

    /// Opens the file, or makes it with `mode`.
    public init(_ path: String, mode: UInt32 = 0o600) throws(FileError) {
        file = try Descriptor(opening: path, O_WRONLY | O_CREAT | O_APPEND, mode: mode)
    }

    public func write(_ bytes: [UInt8]) throws(FileError) { try file.writeAll(bytes.span) }

    /// Returns after the file's bytes are on the disk. Its name may not be.
    public func sync() throws(FileError) { try file.sync() }
}
