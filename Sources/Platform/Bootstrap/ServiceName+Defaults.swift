public import Contracts

extension ServiceName {
    /// The port a service listens on unless told.
    public var defaultPort: UInt16 {
        switch self {
        case .gateway: 8080
        case .identity: 8081
        case .authorizer: 8082
        case .notes: 8083
        case .audit: 8084
        }
    }

    /// Whom this service calls. Nobody else gets a key for the callee.
    public var callees: [ServiceName] {
        switch self {
        case .gateway: [.identity, .authorizer, .notes, .audit]
        case .identity: [.authorizer]
        case .authorizer: []
        case .notes: [.audit, .authorizer, .identity]
        case .audit: [.notes, .authorizer, .identity]
        }
    }

    /// Whether audit takes this service's events, and so shares a key with it. Only notes writes any yet.
    public var isEventSource: Bool {
        switch self {
        case .gateway, .identity, .notes: true
        case .authorizer, .audit: false
        }
    }

    /// Whether this service is sent identities by the gateway.
    public var takesIdentities: Bool { self != .gateway }

    /// Whether this service seals what it stores under a master key of its own.
    public var sealsData: Bool {
        switch self {
        case .identity, .authorizer, .notes, .audit: true
        case .gateway: false
        }
    }
}
