import Processes

/// Who asks is decided by a request's head. Where its body then takes longer than a second, that is decided again: what has changed meanwhile counts.
struct BodyWait {
    private let begun = SystemClock.monotonicNanoseconds()

    var wasLong: Bool { SystemClock.monotonicNanoseconds() - begun > 1_000_000_000 }
}
