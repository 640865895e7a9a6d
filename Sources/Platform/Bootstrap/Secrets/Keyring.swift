public import Contracts
internal import Encodings

/// The keys one service shares with its peers. Of several keys for the same purpose the first signs, and all verify: so keys rotate with overlap.
public struct Keyring: Equatable, Sendable {
    /// A caller's access key for calls to this service only.
    public struct CallerKey: Equatable, Sendable {
        public let caller: ServiceName
        public let accessKeyID: String
        public let secret: String
        /// When the caller took another; nil for one that it may be using.
        var replaced: Timestamp? = nil
    }

    /// The key of identity headers for one audience: the gateway and that service have it.
    public struct IdentityKey: Equatable, Sendable {
        public let audience: ServiceName
        public let kid: String
        /// 32 bytes, for HMAC-SHA-256.
        public let key: [UInt8]
        /// When the gateway took another; nil for one that it may be using.
        var replaced: Timestamp? = nil
    }

    /// The key of one source's events: the source and audit have it.
    public struct EventKey: Equatable, Sendable {
        public let source: ServiceName
        public let kid: String
        /// 32 bytes, for HMAC-SHA-256.
        public let key: [UInt8]
        /// When the source took another; nil for one that it may be using.
        var replaced: Timestamp? = nil
    }

    public let cluster: String
    public let account: String
    public internal(set) var callers: [CallerKey]
    public internal(set) var identityKeys: [IdentityKey]
    public internal(set) var eventKeys: [EventKey]

    public init(cluster: String, account: String, callers: [CallerKey], identityKeys: [IdentityKey], eventKeys: [EventKey]) {
        self.cluster = cluster
        self.account = account
        self.callers = callers
        self.identityKeys = identityKeys
        self.eventKeys = eventKeys
    }
}
