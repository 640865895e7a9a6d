internal import Glibc

extension EventLoop {
    /// Seconds since 1970 UTC.
    public static var wallClockSeconds: Int64 { Int64(time(nil)) }
}
