public import Contracts

/// The keys one service shares with its peers. Of several keys for the same purpose the first signs, and all verify: so keys rotate with overlap.
public struct Keyring: Sendable {
    /// A caller's access key for calls to this service only.
    public struct CallerKey: Sendable {
        public let caller: ServiceName
        public let accessKeyID: String
        public let secret: String
    }

    /// The key of identity headers for one audience: the gateway and that service have it.
    public struct IdentityKey: Sendable {
        public let audience: ServiceName
        public let kid: String
        /// 32 bytes, for HMAC-SHA-256.
        public let key: [UInt8]
    }

    /// The key of one source's events: the source and audit have it.
    public struct EventKey: Sendable {
        public let source: ServiceName
        public let kid: String
        /// 32 bytes, for HMAC-SHA-256.
        public let key: [UInt8]
    }

    public let cluster: String
    public let account: String
    public let callers: [CallerKey]
    public let identityKeys: [IdentityKey]
    public let eventKeys: [EventKey]

    public init(cluster: String, account: String, callers: [CallerKey], identityKeys: [IdentityKey], eventKeys: [EventKey]) {
        self.cluster = cluster
        self.account = account
        self.callers = callers
        self.identityKeys = identityKeys
        self.eventKeys = eventKeys
    }
}
