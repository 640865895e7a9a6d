import Crypto
import Encodings
import Synchronization

/// Remembers the signatures of accepted calls for as long as they could be accepted again.
///
/// A signature is remembered by its first eight bytes: it is the output of an HMAC, so nobody without a key can choose one that collides, and a chance
/// collision refuses one call in 10^13. Entries lie in one set for each second of the signatures' own dates, and a whole set is dropped once its
/// date has left the window. When the memory set aside is full, calls are refused: forgetting early would let one in twice.
final class ReplayGuard: Sendable {
    enum Verdict: Equatable {
        case fresh
        case repeated
        case full
    }

    private struct Shard {
        var seconds: [Int64: Set<UInt64>] = [:]
        var count = 0
        var oldest = Int64.max
    }

    /// One lock for each shard, so that the loops seldom wait for each other.
    private final class Slot: Sendable {
        let shard = Mutex(Shard())
    }

    private let slots: [Slot]
    private let window: Int64
    private let limit: Int

    /// - Parameters:
    ///   - window: seconds a date may lie before the clock.
    ///   - capacity: signatures kept at most; each takes about 16 bytes.
    init(window: Int64, capacity: Int = 4_000_000) {
        slots = (0..<16).map { _ in Slot() }
        self.window = window
        limit = capacity / slots.count
    }

    func admit(_ signature: SHA256Digest, date: Timestamp, now: Timestamp) -> Verdict {
        let key = signature.word
        let second = date.seconds
        let expired = now.seconds - window
        return slots[Int(key & 15)].shard.withLock { shard in
            if shard.oldest < expired { ReplayGuard.drop(&shard, before: expired) }
            guard shard.seconds[second]?.contains(key) != true else { return .repeated }
            guard shard.count < limit else { return .full }
            shard.seconds[second, default: []].insert(key)
            shard.count += 1
            shard.oldest = min(shard.oldest, second)
            return .fresh
        }
    }

    private static func drop(_ shard: inout Shard, before second: Int64) {
        shard.seconds = shard.seconds.filter { $0.key >= second }
        shard.count = shard.seconds.values.reduce(0) { $0 + $1.count }
        shard.oldest = shard.seconds.keys.min() ?? .max
    }
}
