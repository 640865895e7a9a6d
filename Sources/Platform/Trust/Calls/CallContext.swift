public import Contracts
public import Encodings

/// What a verified internal call says about where it comes from.
public struct CallContext: Sendable {
    /// The service that signed the call.
    public let caller: ServiceName
    /// For whom; nil where the route doesn't take identities, or the caller sent none.
    public let identity: CallerIdentity?
    /// The client's address as the gateway saw it.
    public let source: String?
    /// The id of the request that caused the call: the gateway's where there is one.
    public let requestID: UUID

    public init(caller: ServiceName, identity: CallerIdentity?, source: String?, requestID: UUID) {
        self.caller = caller
        self.identity = identity
        self.source = source
        self.requestID = requestID
    }
}
