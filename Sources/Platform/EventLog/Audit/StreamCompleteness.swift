public import Contracts

/// What can be said of one stream's completeness in the log.
public struct StreamCompleteness: Equatable, Sendable {
    public enum Status: String, Equatable, Sendable {
        /// The log holds all that the source says it ever wrote.
        case complete
        /// The events after `completeUpTo`, up to `head`, are not in the log yet.
        case missing
        /// They are not, and the source does not have them any more either.
        case lost
        /// The log holds them all, and more than the source has: its file was set back to an older state, by a restore or by hand.
        case ahead
        /// The source signed different events for one place.
        case conflict
        /// The source could not be asked, or no longer has this stream.
        case unknown
    }

    public var stream: StreamID
    public var status: Status
    /// The log holds events 1 to this one.
    public var completeUpTo: UInt64
    /// The newest event known to exist.
    public var head: UInt64

    public init(stream: StreamID, status: Status, completeUpTo: UInt64, head: UInt64) {
        self.stream = stream
        self.status = status
        self.completeUpTo = completeUpTo
        self.head = head
    }
}
