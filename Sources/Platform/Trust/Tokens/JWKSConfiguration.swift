/// How long keys are believed, and bounds on everything a stranger can make the client do. Times are in milliseconds.
public struct JWKSConfiguration: Sendable {
    /// After so long a set is fetched again, in the background, when it is next used.
    public var refreshAfter: Int64 = 60_000
    /// After so long a set is no longer used without having tried to fetch it: a key taken away is out by then.
    public var requireRefreshAfter: Int64 = 120_000
    /// For so long a set may be used while fetching fails.
    public var staleIfErrorFor: Int64 = 3_600_000
    /// After a fetch without an answer nobody waits for one for so long: longer than one takes.
    public var awayFor: Int64 = 10_000
    /// A failed fetch is not tried again before.
    public var retryAfter: Int64 = 1_000
    /// A key id that is not in the set is looked for again at most so often for each issuer.
    public var unknownKeyCoolDown: Int64 = 5_000
    /// An issuer that did not exist is not asked for again before.
    public var unknownIssuerFor: Int64 = 10_000
    /// Issuers held, and unknown ones remembered.
    public var maximumIssuers = 10_000
    public var maximumUnknownIssuers = 4_096
    /// Fetches at once, and waiting.
    public var concurrentFetches = 8
    public var maximumPendingFetches = 1_024

    public init() {}
}
