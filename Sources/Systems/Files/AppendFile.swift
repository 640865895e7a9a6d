import CPosix
import Glibc

/// A file that only grows, such as a log. Each write goes to its end in one piece, whoever else appends.
///
/// The descriptor is ours alone, and is closed once, in `deinit`; `write` and `fstat` may be called from any thread (POSIX).
public final class AppendFile: Sendable {
    public let path: String
    private let descriptor: Int32

    /// Opens the file, or makes it with `mode`.
    public init(_ path: String, mode: UInt32 = 0o600) throws(FileError) {
        let file = try Descriptor(opening: path, O_WRONLY | O_CREAT | O_APPEND, mode: mode)
        let duplicate = fcntl(file.number, F_DUPFD_CLOEXEC, 0)
        guard duplicate >= 0 else { throw FileError(path: path) }
        self.path = path
        descriptor = duplicate
    }

    deinit {
        close(descriptor)
    }

    public func write(_ bytes: [UInt8]) throws(FileError) {
        var offset = 0
        while offset < bytes.count {
            let count = unsafe bytes.span.extracting(offset..<bytes.count).withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw FileError(path: path)
            }
            offset += count
        }
    }
}
