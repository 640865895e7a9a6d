internal import Synchronization

/// Set once, when a server begins to shut down.
final class DrainSignal: Sendable {
    private let flag = Atomic(false)
    var isDraining: Bool { flag.load(ordering: .relaxed) }
    func set() { flag.store(true, ordering: .relaxed) }
}
