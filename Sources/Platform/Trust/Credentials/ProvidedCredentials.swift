public import Encodings
public import SigV4

/// Credentials, where they came from and until when they hold.
public struct ProvidedCredentials: Sendable, Equatable {
    public let credentials: Credentials
    /// Nil for an access key that doesn't expire.
    public let expiration: Timestamp?
    /// What the log calls the source.
    public let source: String

    public init(credentials: Credentials, expiration: Timestamp? = nil, source: String) {
        self.credentials = credentials
        self.expiration = expiration
        self.source = source
    }

    /// Seconds before expiry from which new credentials are fetched: what botocore's mandatory refresh uses.
    static let refreshMargin: Int64 = 600

    func needsRefresh(at now: Timestamp) -> Bool {
        guard let expiration else { return false }
        return now.adding(seconds: ProvidedCredentials.refreshMargin) >= expiration
    }

    func isExpired(at now: Timestamp) -> Bool {
        guard let expiration else { return false }
        return now >= expiration
    }
}
