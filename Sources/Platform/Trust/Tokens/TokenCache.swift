public import Crypto
public import Synchronization

/// What has been verified about tokens seen before, by the SHA-256 of their bytes: a token that comes again costs a hash and a look-up,
/// no signature and no JSON.
///
/// Only the digest is kept, so the cache holds no credential. It says nothing about time: whoever asks compares the entry's `exp` and
/// whether its key still stands (`IssuerKeys.isCurrent`). Only tokens that verified may be put in.
public final class TokenCache<Value: Sendable>: Sendable {
    @usableFromInline
    final class Shard: Sendable {
        @usableFromInline let map: Mutex<BoundedMap<SHA256Digest, Value>>
        init(capacity: Int) { map = Mutex(BoundedMap(capacity: capacity)) }
    }

    /// A lock is held for one look-up; with so many of them two loops hardly ever meet.
    @usableFromInline let shards: [Shard]

    /// - Parameter capacity: entries in all, at least 32.
    public init(capacity: Int) {
        let perShard = max(2, capacity / 16)
        shards = (0..<16).map { _ in Shard(capacity: perShard) }
    }

    @inlinable
    public func value(for digest: SHA256Digest) -> Value? {
        shard(of: digest).map.withLock { $0.value(for: digest) }
    }

    @inlinable
    public func insert(_ value: Value, for digest: SHA256Digest) {
        shard(of: digest).map.withLock { $0.insert(value, for: digest) }
    }

    @inlinable
    public func remove(_ digest: SHA256Digest) {
        shard(of: digest).map.withLock { _ = $0.remove(digest) }
    }

    public var count: Int {
        shards.reduce(0) { $0 + $1.map.withLock { $0.count } }
    }

    @inlinable
    func shard(of digest: SHA256Digest) -> Shard {
        shards[Int(digest.withSpan { $0[0] } & 15)]
    }
}
