internal import Synchronization

/// What was found since its one reader last looked, put together.
final class Findings<Contents: Collection & Sendable>: Sendable {
    private struct State {
        var contents: Contents
        var reader: CheckedContinuation<Void, Never>?
    }

    private let state: Mutex<State>
    private let nothing: Contents

    init(_ nothing: Contents) {
        self.nothing = nothing
        state = Mutex(State(contents: nothing))
    }

    func add(_ change: (inout Contents) -> Void) {
        let reader = state.withLock { state in
            change(&state.contents)
            return state.reader.take()
        }
        reader?.resume()
    }

    /// Waits until there is something; empty only where the task is cancelled.
    func next() async -> Contents {
        await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                let isNow = state.withLock { state in
                    if Task.isCancelled || !state.contents.isEmpty { return true }
                    state.reader = continuation
                    return false
                }
                if isNow { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.reader.take() }?.resume()
        }
        return state.withLock { state in
            defer { state.contents = nothing }
            return state.contents
        }
    }
}
