/// What can happen to a stream while nobody waits on it.
public enum StreamEvent: Hashable, Sendable {
    /// The peer reset the connection, or it failed.
    case reset
    /// The peer has ended its direction; it may still read.
    case halfClosed
    /// The deadline passed (and is no more).
    case deadline
}
