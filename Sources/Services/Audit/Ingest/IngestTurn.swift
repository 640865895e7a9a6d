internal import Synchronization

/// Waits for the writes of one batch, each of which ends on its own thread.
final class IngestTurn: Sendable {
    /// The number of a write that failed, and why.
    typealias Failure = (write: Int, error: any Error)

    private struct State {
        var left: Int
        var failures: [Failure] = []
        var continuation: CheckedContinuation<Void, Never>?
    }

    private let state: Mutex<State>

    init(writes: Int) {
        state = Mutex(State(left: writes))
    }

    func end(_ write: Int, _ error: (any Error)?) {
        let waiting: CheckedContinuation<Void, Never>? = state.withLock { state in
            state.left -= 1
            if let error { state.failures.append((write, error)) }
            guard state.left == 0 else { return nil }
            defer { state.continuation = nil }
            return state.continuation
        }
        waiting?.resume()
    }

    /// Returns when all writes have ended: those that failed.
    func wait() async -> [Failure] {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.left > 0 { state.continuation = continuation }
                return state.left == 0
            }
            if isOver { continuation.resume() }
        }
        return state.withLock { $0.failures }
    }
}
