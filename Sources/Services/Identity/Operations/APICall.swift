import Contracts
import Encodings
import Observability

/// What an operation is told of the request besides its body.
struct APICall: Sendable {
    let caller: CallerIdentity
    /// The client's address as the gateway saw it.
    let source: String?
    let requestID: String
    let now: Timestamp
    /// What is known of the request: goes on with the questions that it causes.
    var event: RequestEvent?
}
