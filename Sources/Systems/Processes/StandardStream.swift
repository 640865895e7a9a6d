import CPosix
import Glibc

/// Standard output and standard error.
public enum StandardStream: Sendable {
    case output, error

    /// Opens `/dev/null` for each of the three standard descriptors that the process was started without: the next file that is opened would have its number,
    /// and what is meant for an operator would be written there. To be called before anything else.
    public static func openMissing() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where strongroom_descriptor_flags(descriptor) < 0 {
            // The lowest free number is taken, which is this one.
            _ = unsafe open("/dev/null", O_RDWR)
        }
    }

    private var descriptor: Int32 { self == .output ? STDOUT_FILENO : STDERR_FILENO }

    /// Writes all bytes, waiting while a pipe is full. False once nobody reads the other end.
    @discardableResult
    public func write(_ bytes: Span<UInt8>) -> Bool {
        var offset = 0
        while offset < bytes.count {
            let count = unsafe bytes.extracting(offset..<bytes.count).withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count >= 0 {
                offset += count
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                // Somebody made the pipe non-blocking: wait until it takes more.
                var poller = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                unsafe poll(&poller, 1, -1)
            default: return false
            }
        }
        return true
    }

    @discardableResult
    public func write(_ bytes: [UInt8]) -> Bool { write(bytes.span) }

    @discardableResult
    public func write(_ text: String) -> Bool { write(Array(text.utf8)) }
}
