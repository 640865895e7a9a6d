/// What one HTTP/2 connection may take.
public struct FrameLimits: Sendable {
    /// Streams that are open at once.
    public var concurrentStreams = 100
    /// Bytes of a body that a client may send before somebody reads them, for each stream.
    public var streamWindow = 65_535
    /// The same for all streams together.
    public var connectionWindow = 262_144
    /// Bytes of names and values of one header block, told to the client. A block of four times as much ends the connection: below, it is kept to where it
    /// exceeds, so that it can be answered.
    public var headBytes = 10_240
    public var fields = 100
    /// A header block may come in so many frames more (CVE-2024-27316).
    public var continuations = 8
    /// Entries of one SETTINGS frame.
    public var settings = 32
    /// Answers to PING and SETTINGS that wait because the client takes nothing (CVE-2019-9512, CVE-2019-9515).
    public var waitingAnswers = 64
    /// Streams that a client may reset at once, and each second from then on (CVE-2023-44487).
    public var resets: UInt64 = 300
    public var resetsEachSecond: UInt64 = 50

    public init() {}
}
