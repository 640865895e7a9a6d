public import Contracts
internal import Encodings

/// The keys one service shares with its peers. Of several keys for the same purpose the first signs, and all verify: so keys rotate with overlap.
public struct Keyring: Equatable, Sendable {
    /// What verifies the calls that one caller signs for this service with one access key.
    public struct CallerKey: Equatable, Sendable {
        public enum Material: Equatable, Sendable {
            /// The access key's secret: for the authorizer, which has all of them, and in keyrings from before it handed out what is derived.
            case secret(String)
            /// What is derived for the first days. Those that follow come from the authorizer.
            case days(SigningDays)
        }

        public let caller: ServiceName
        public let accessKeyID: String
        public let material: Material
        /// When the caller took another; nil for one that it may be using.
        var replaced: Timestamp? = nil

        public var isReplaced: Bool { replaced != nil }

        init(caller: ServiceName, accessKeyID: String, material: Material, replaced: Timestamp? = nil) {
            self.caller = caller
            self.accessKeyID = accessKeyID
            self.material = material
            self.replaced = replaced
        }

        /// With the secret itself.
        public init(caller: ServiceName, accessKeyID: String, secret: String) {
            self.init(caller: caller, accessKeyID: accessKeyID, material: .secret(secret))
        }
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

    /// Whose it is; nil in keyrings from before they said so.
    public let service: ServiceName?
    public let cluster: String
    public let account: String
    public internal(set) var callers: [CallerKey]
    public internal(set) var identityKeys: [IdentityKey]
    public internal(set) var eventKeys: [EventKey]

    public init(
        of service: ServiceName? = nil, cluster: String, account: String, callers: [CallerKey], identityKeys: [IdentityKey], eventKeys: [EventKey]
    ) {
        self.service = service
        self.cluster = cluster
        self.account = account
        self.callers = callers
        self.identityKeys = identityKeys
        self.eventKeys = eventKeys
    }
}
