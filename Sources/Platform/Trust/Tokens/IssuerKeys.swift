import Crypto
import Synchronization
public import Tokens

/// The keys of one issuer as they are now. Reading them costs no lock that is held across anything.
public final class IssuerKeys: Sendable {
    public struct Snapshot: Sendable {
        public let keys: KeySet
        /// Changes whenever the set does: what was verified under another epoch has to be verified again.
        public let epoch: UInt64
    }

    struct State {
        var snapshot: Snapshot
        var digest: SHA256Digest
        var fetchedAt: Int64
        var unknownKeySoughtAt: Int64 = .min
    }

    public let issuer: String
    let state: Mutex<State>
    /// Copies of what every request asks, so that a token seen before takes no lock here.
    private let epoch: Atomic<UInt64>
    private let freshUntil: Atomic<Int64>

    init(issuer: String, keys: KeySet, digest: SHA256Digest, epoch: UInt64, fetchedAt: Int64, freshUntil: Int64) {
        self.issuer = issuer
        state = Mutex(State(snapshot: Snapshot(keys: keys, epoch: epoch), digest: digest, fetchedAt: fetchedAt))
        self.epoch = Atomic(epoch)
        self.freshUntil = Atomic(freshUntil)
    }

    /// Whether what was verified under `epoch` still stands, and no refresh is due: then there is nothing else to ask.
    /// - Parameter now: milliseconds of the clock the client was given.
    public func isCurrent(epoch: UInt64, now: Int64) -> Bool {
        self.epoch.load(ordering: .acquiring) == epoch && now < freshUntil.load(ordering: .relaxed)
    }

    public var snapshot: Snapshot { state.withLock { $0.snapshot } }

    func replace(keys: KeySet, digest: SHA256Digest, epoch next: UInt64, now: Int64, freshUntil: Int64) {
        state.withLock { state in
            state.fetchedAt = now
            guard state.digest != digest else { return }
            state.digest = digest
            state.snapshot = Snapshot(keys: keys, epoch: next)
            epoch.store(next, ordering: .releasing)
        }
        self.freshUntil.store(freshUntil, ordering: .relaxed)
    }

    /// The issuer is gone: nothing that was verified with its keys stands.
    func retire(epoch next: UInt64) {
        state.withLock { state in
            state.snapshot = Snapshot(keys: KeySet([]), epoch: next)
            state.digest = SHA256.hash([])
            epoch.store(next, ordering: .releasing)
        }
        freshUntil.store(.min, ordering: .relaxed)
    }
}
