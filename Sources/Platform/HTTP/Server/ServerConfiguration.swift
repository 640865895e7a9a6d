public import Transport

/// A server's limits. Times are in milliseconds and late by up to a tenth of a second.
public struct ServerConfiguration: Sendable {
    public var head = HeadLimits()
    /// The longest request body, in bytes (API Gateway's 10 MB).
    public var maximumBodyBytes = 10 * 1024 * 1024
    /// How long a connection may be open between requests.
    public var idleMilliseconds: UInt64 = 60_000
    /// How long a TLS handshake may take.
    public var handshakeMilliseconds: UInt64 = 10_000
    /// How long a head may take, from its first byte; also how long a new connection may say nothing.
    public var headMilliseconds: UInt64 = 10_000
    /// How long a body may take at first; every 16 KiB that arrive give it one more second.
    public var bodyMilliseconds: UInt64 = 15_000
    /// How long a handler may take, from its request's last byte on, before its task is cancelled.
    public var handlerMilliseconds: UInt64 = 60_000
    /// How long a client may take nothing of a response.
    public var writeMilliseconds: UInt64 = 30_000
    /// Bytes of bodies that clients haven't taken yet, over all connections and loops together, beyond which who has most of them loses some: the connection, with all streams that it has in HTTP/2.
    /// For a second they may be twice as many. Bodies that are written piece by piece count in HTTP/2, with what waits; in HTTP/1.1 one piece of each waits, and doesn't count.
    public var standingBytes = 64 << 20
    /// Whether a client that ends its direction while it waits has gone (its handler is cancelled), or may still read an
    /// answer, as RFC 9112 §9.6 lets it. A client that resets the connection has gone in any case.
    public var cancelsWhenHalfClosed = false
    /// Connections beyond this many on one loop are closed at once.
    public var maximumConnectionsPerLoop = 10_000
    /// Of TLS handshakes beyond this many under way on one loop, any is closed.
    public var maximumHandshakesPerLoop = 2_000
    /// What connections leave of the process's descriptors.
    public var descriptorReserve = DescriptorReserve.half

    public init() {}
}
