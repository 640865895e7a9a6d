internal import Contracts

/// Who asks for a write and how it is told apart from others, for its event.
struct WriteRequest: Sendable {
    let owner: NoteOwner
    let requestID: String
    /// The client's address as the gateway saw it.
    let sourceAddress: String
    /// Empty when there was none.
    let traceparent: String
    /// What came beside it, for its event's message; empty when there was none.
    let tracestate: String
}
