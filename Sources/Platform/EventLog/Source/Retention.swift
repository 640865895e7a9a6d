/// How long outbox rows are kept after the audit service has them, when it makes no backups.
public struct Retention: Equatable, Sendable {
    /// Seconds of running time; seven days as shipped.
    public var seconds: UInt64
    /// Seconds between two samples of the mark; the age of a row is known to this precision.
    public var sampleSeconds: UInt64

    public init(seconds: UInt64 = 7 * 86_400, sampleSeconds: UInt64 = 3_600) {
        self.seconds = seconds
        self.sampleSeconds = sampleSeconds
    }
}
