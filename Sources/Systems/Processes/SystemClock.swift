// CPosix too: in a whole-module build it is the module that time.h was first seen in.
import CPosix
import Glibc

/// The machine's clocks.
public enum SystemClock {
    /// Microseconds since 1970-01-01 UTC. It may jump.
    public static func wallMicroseconds() -> Int64 {
        let time = read(CLOCK_REALTIME)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }

    /// Nanoseconds since some moment at or after the machine's start. It never goes back.
    public static func monotonicNanoseconds() -> UInt64 {
        let time = read(CLOCK_MONOTONIC)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Nanoseconds of processor time this process has used, all threads together.
    public static func processorNanoseconds() -> UInt64 {
        let time = read(CLOCK_PROCESS_CPUTIME_ID)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        // Fails only for a clock the kernel does not have; these three are POSIX's.
        unsafe clock_gettime(clock, &time)
        return time
    }
}
