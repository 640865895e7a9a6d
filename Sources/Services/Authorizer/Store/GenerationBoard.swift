internal import Synchronization

/// Wakes those who wait for the directory to change.
final class GenerationBoard: Sendable {
    private struct State {
        var generation: Int64 = 0
        var isClosed = false
        var next = 0
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    var generation: Int64 { state.withLock { $0.generation } }

    func announce(_ generation: Int64) {
        wake { $0.generation = generation }
    }

    /// Nobody waits any more.
    func close() {
        wake { $0.isClosed = true }
    }

    private func wake(_ update: (inout State) -> Void) {
        let waiting = state.withLock { state in
            update(&state)
            defer { state.waiting = [:] }
            return state.waiting
        }
        for continuation in waiting.values { continuation.resume() }
    }

    /// Returns once the generation is past `old`, or the task is cancelled.
    func wait(past old: Int64) async {
        let ticket = state.withLock { state in
            state.next += 1
            return state.next
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.generation > old || state.isClosed || Task.isCancelled { return true }
                    state.waiting[ticket] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: ticket) }?.resume()
        }
    }
}
