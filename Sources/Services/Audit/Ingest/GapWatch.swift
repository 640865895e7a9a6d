internal import Contracts
internal import Shards
internal import Synchronization

/// Which tenants' logs lack events that are known to exist. Told by writers, and by whoever compares; read by ``GapFiller``.
final class GapWatch: Sendable {
    struct Found: Sendable {
        var tenants: Set<TenantName> = []
        /// Up to where sources say that streams reach, beyond the log.
        var suspects: [TenantName: [StreamMark]] = [:]
    }

    private struct State {
        var found = Found()
        var continuation: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func found(_ tenant: TenantName) {
        wake { $0.tenants.insert(tenant) }
    }

    func suspect(_ heads: [StreamMark], of tenant: TenantName) {
        wake { $0.suspects[tenant] = heads }
    }

    private func wake(_ change: (inout Found) -> Void) {
        let continuation = state.withLock { state in
            change(&state.found)
            defer { state.continuation = nil }
            return state.continuation
        }
        continuation?.resume()
    }

    /// What was found since it was last asked; empty only when the task is cancelled.
    func next() async -> Found {
        await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                let isNow = state.withLock { state in
                    if Task.isCancelled || !state.found.tenants.isEmpty || !state.found.suspects.isEmpty { return true }
                    state.continuation = continuation
                    return false
                }
                if isNow { continuation.resume() }
            }
        } onCancel: {
            wake { _ in }
        }
        return state.withLock { state in
            defer { state.found = Found() }
            return state.found
        }
    }
}
