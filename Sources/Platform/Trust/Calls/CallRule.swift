public import Contracts

/// Who may make an internal call, and whether it must carry an identity: the row of a service's (caller, action) table.
public struct CallRule: Sendable {
    public enum Identity: Sendable {
        /// Missing is 401, never "anonymous". Routes open to anyone require one too: the gateway sends one with `method: none`.
        case required
        case optional
        /// The call is between services and about no user.
        case forbidden
    }

    public let callers: Set<ServiceName>
    public let identity: Identity

    public init(_ callers: Set<ServiceName>, identity: Identity) {
        self.callers = callers
        self.identity = identity
    }

    /// A user's request, which only the gateway forwards.
    public static let forwarded = CallRule([.gateway], identity: .required)
}
