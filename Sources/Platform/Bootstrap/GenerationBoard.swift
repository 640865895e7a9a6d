internal import Synchronization
internal import Transport

/// Wakes those who wait for a number to grow: long polls.
public final class GenerationBoard: Sendable {
    private struct State {
        var generation: Int64 = 0
        var isClosed = false
        var next = 0
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    public init() {}

    public var generation: Int64 { state.withLock { $0.generation } }

    public func announce(_ generation: Int64) {
        // Whoever announces late, what was announced before stands.
        wake { $0.generation = max($0.generation, generation) }
    }

    /// Nobody waits any more.
    public func close() {
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
    public func wait(past old: Int64) async {
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

    /// As ``wait(past:)``, `milliseconds` at most, and no longer than the server that is asked is up. Off the event loops it does not wait.
    public func wait(past old: Int64, atMost milliseconds: UInt64, unless isDraining: () -> Bool) async throws {
        guard let loop = EventLoop.current else { return }
        let end = loop.now + milliseconds
        // In slices, so that a server that shuts down isn't held up by those who wait.
        while generation <= old, !isDraining() {
            let time = loop.now
            guard time < end else { break }
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.wait(past: old) }
                // A sleep that ends early ends the slice early, no more.
                group.addTask { try? await loop.sleep(milliseconds: min(500, end - time)) }
                await group.next()
                group.cancelAll()
            }
            try Task.checkCancellation()
        }
    }
}
