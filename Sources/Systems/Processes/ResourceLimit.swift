import CPosix
import Glibc

/// The process's own limits (`getrlimit`).
public enum ResourceLimit: Sendable {
    /// Open file descriptors.
    case openFiles

    private var number: Int32 {
        switch self {
        case .openFiles: Int32(RLIMIT_NOFILE.rawValue)
        }
    }

    /// What holds now and what it may be raised to.
    public func current() throws(SystemCallError) -> (soft: UInt64, hard: UInt64) {
        var soft: UInt64 = 0
        var hard: UInt64 = 0
        guard unsafe strongroom_limit_get(number, &soft, &hard) == 0 else { throw SystemCallError("getrlimit") }
        return (soft, hard)
    }

    public func set(soft: UInt64) throws(SystemCallError) {
        let hard = try current().hard
        guard strongroom_limit_set(number, soft, hard) == 0 else { throw SystemCallError("setrlimit") }
    }

    /// Raises the limit as far as the system lets an ordinary process, and returns it.
    @discardableResult
    public func raise() throws(SystemCallError) -> UInt64 {
        let (soft, hard) = try current()
        if soft < hard { try set(soft: hard) }
        return hard
    }
}
