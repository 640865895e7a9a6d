import Contracts
import Encodings

/// What an operation is told of the request besides its body.
struct APICall: Sendable {
    let caller: CallerIdentity
    /// The client's address as the gateway saw it.
    let source: String?
    let requestID: String
    let now: Timestamp
}
