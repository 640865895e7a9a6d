/// A client's limits.
public struct ClientConfiguration: Sendable {
    public var head = HeadLimits(maximumBytes: 16_384)
    /// Connections to one endpoint, on each loop.
    public var maximumConnections = 512
    /// Of those, how many are kept when they have nothing to do.
    public var maximumIdleConnections = 64
    /// Requests that wait for a connection to one endpoint, on each loop.
    public var maximumWaiting = 4096
    /// How long a response may be left standing by its reader while a request waits for a connection; then it is given up for that request.
    public var standingMilliseconds: UInt64 = 1_000
    /// How long a connection is kept with nothing to do. To be shorter than the servers' own limit.
    public var idleMilliseconds: UInt64 = 30_000
    /// How long connecting may take, within the request's own time.
    public var connectMilliseconds: UInt64 = 5_000

    public init() {}
}
