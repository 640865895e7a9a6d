public import Encodings
internal import Processes

/// What time it is. Handed in everywhere, so that tests choose it; it may jump, as the system's clock may.
public struct WallClock: Sendable {
    public let now: @Sendable () -> Timestamp

    public init(now: @escaping @Sendable () -> Timestamp) {
        self.now = now
    }

    /// The machine's clock.
    public static let system = WallClock { Timestamp(microseconds: SystemClock.wallMicroseconds()) }
}
