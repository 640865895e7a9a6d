internal import Synchronization

/// So many at a time for each of those who share something: who asks for more waits for themself, and keeps nobody else waiting.
public final class Turns<Holder: Hashable & Sendable>: Sendable {
    private struct Queue {
        var running = 0
        var waiting: [(number: UInt64, continuation: CheckedContinuation<Bool, Never>)] = []
    }

    private struct State {
        var queues: [Holder: Queue] = [:]
        var lastNumber: UInt64 = 0

        /// - Returns: whether the holder has one more turn now.
        mutating func take(_ holder: Holder, upTo limit: Int) -> Bool {
            guard queues[holder, default: Queue()].running < limit else { return false }
            queues[holder, default: Queue()].running += 1
            return true
        }
    }

    private let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: turns that one holder may have at a time.
    public init(limit: Int) {
        self.limit = limit
    }

    /// Waits for a turn, which ``end(_:)`` ends.
    /// - Returns: false, without a turn, where the task was cancelled.
    public func begin(_ holder: Holder) async -> Bool {
        if Task.isCancelled { return false }
        let number: UInt64? = state.withLock { state in
            if state.take(holder, upTo: limit) { return nil }
            state.lastNumber += 1
            return state.lastNumber
        }
        guard let number else { return true }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver: Bool? = state.withLock { state in
                    if Task.isCancelled { return false }
                    // It may have come to an end meanwhile.
                    if state.take(holder, upTo: limit) { return true }
                    state.queues[holder]?.waiting.append((number, continuation))
                    return nil
                }
                if let isOver { continuation.resume(returning: isOver) }
            }
        } onCancel: {
            let left = state.withLock { state -> CheckedContinuation<Bool, Never>? in
                guard let index = state.queues[holder]?.waiting.firstIndex(where: { $0.number == number }) else { return nil }
                return state.queues[holder]?.waiting.remove(at: index).continuation
            }
            left?.resume(returning: false)
        }
    }

    public func end(_ holder: Holder) {
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard var queue = state.queues[holder] else { return nil }
            defer { state.queues[holder] = queue.running == 0 ? nil : queue }
            if !queue.waiting.isEmpty { return queue.waiting.removeFirst().continuation }
            queue.running -= 1
            return nil
        }
        next?.resume(returning: true)
    }
}
