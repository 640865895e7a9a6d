internal import Synchronization

/// The requests that wait for one thread. Whoever puts the first in must wake the thread.
final class Inbox<Element: Sendable>: Sendable {
    enum Outcome {
        case queued(isFirst: Bool)
        case full
        case closed
    }

    private struct State {
        var waiting: [Element] = []
        var isScheduled = false
        var isClosed = false
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) {
        self.limit = limit
    }

    func push(_ element: Element) -> Outcome {
        state.withLock { state in
            if state.isClosed { return .closed }
            if state.waiting.count >= limit { return .full }
            state.waiting.append(element)
            defer { state.isScheduled = true }
            return .queued(isFirst: !state.isScheduled)
        }
    }

    /// Takes up to `count`, oldest first. When none is left the next push is the first again.
    func take(upTo count: Int) -> [Element] {
        state.withLock { state in
            guard state.waiting.count > count else {
                defer { state.waiting = [] }
                if state.waiting.isEmpty { state.isScheduled = false }
                return state.waiting
            }
            defer { state.waiting.removeFirst(count) }
            return Array(state.waiting.prefix(count))
        }
    }

    /// Refuses everything from now on; what waits is still taken.
    func close() {
        state.withLock { $0.isClosed = true }
    }
}
