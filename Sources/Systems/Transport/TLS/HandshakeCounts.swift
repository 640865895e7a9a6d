internal import Synchronization

/// How handshakes went, over the life of a listener.
public final class HandshakeCounts: Sendable {
    private let fullCount = Atomic(0)
    private let resumedCount = Atomic(0)
    private let failedCount = Atomic(0)

    public var full: Int { fullCount.load(ordering: .relaxed) }
    /// Spared by a ticket.
    public var resumed: Int { resumedCount.load(ordering: .relaxed) }
    /// By the peer's fault, or because it came to no end.
    public var failed: Int { failedCount.load(ordering: .relaxed) }

    func noteEnd(isResumed: Bool) {
        if isResumed { resumedCount.add(1, ordering: .relaxed) } else { fullCount.add(1, ordering: .relaxed) }
    }

    func noteFailure() { failedCount.add(1, ordering: .relaxed) }
}
