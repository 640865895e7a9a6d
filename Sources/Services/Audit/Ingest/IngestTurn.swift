internal import Synchronization

/// Waits for the writes of one batch, each of which ends on its own thread.
final class IngestTurn: Sendable {
    private struct State {
        var left: Int
        var error: (any Error)?
        var continuation: CheckedContinuation<Void, any Error>?
    }

    private let state: Mutex<State>

    init(writes: Int) {
        state = Mutex(State(left: writes))
    }

    func end(_ error: (any Error)?) {
        let over: (CheckedContinuation<Void, any Error>, (any Error)?)? = state.withLock { state in
            state.left -= 1
            if state.error == nil { state.error = error }
            guard state.left == 0, let continuation = state.continuation else { return nil }
            state.continuation = nil
            return (continuation, state.error)
        }
        if let (continuation, error) = over { Self.resume(continuation, error) }
    }

    /// Returns when all writes have ended; throws the first error.
    func wait() async throws {
        try await withCheckedThrowingContinuation { continuation in
            let isOver = state.withLock { state in
                if state.left > 0 { state.continuation = continuation }
                return state.left == 0
            }
            if isOver { Self.resume(continuation, state.withLock(\.error)) }
        }
    }

    private static func resume(_ continuation: CheckedContinuation<Void, any Error>, _ error: (any Error)?) {
        if let error { continuation.resume(throwing: error) } else { continuation.resume() }
    }
}
