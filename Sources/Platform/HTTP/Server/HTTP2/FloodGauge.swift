/// How much of what a client sends costs us and brings it nothing: pings, settings, window updates by the byte, empty pieces, resets. A bucket of patience, which
/// time and what the client is served fill up again.
struct FloodGauge {
    private static let patience = 1_000
    private static let eachSecond = 50
    /// A client that reads a body acknowledges it with a window update for each 16 KiB or so; every 2 KiB buy one.
    private static let bytesForOne = 2_048
    /// And each request brings a frame or two.
    private static let eachRequest = 2

    private var left = Self.patience
    private var lastAt: UInt64
    private var bytes = 0

    init(now: UInt64) { lastAt = now }

    mutating func noteRequest() { left = min(Self.patience, left + Self.eachRequest) }

    mutating func noteSent(_ count: Int) {
        bytes += count
        left = min(Self.patience, left + bytes / Self.bytesForOne)
        bytes %= Self.bytesForOne
    }

    /// - Returns: whether that was too much.
    mutating func note(nuisances count: Int, now: UInt64) -> Bool {
        let seconds = (now - lastAt) / 1000
        if seconds > 0 {
            lastAt += seconds * 1000
            left = min(Self.patience, left + Int(min(seconds, 1_000)) * Self.eachSecond)
        }
        left -= count
        return left < 0
    }
}
