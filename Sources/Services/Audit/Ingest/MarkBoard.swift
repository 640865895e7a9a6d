internal import Contracts
internal import Synchronization

/// The newest marks of streams that were asked for or written lately, and who waits for them to move.
///
/// Only this process writes the files, so what is on the board is what is on the disk.
final class MarkBoard: Sendable {
    /// One who waits. Made before the marks are read, so that no change falls between reading and waiting.
    final class Waiter: Sendable {
        fileprivate struct State {
            var isOver = false
            var continuation: CheckedContinuation<Void, Never>?
        }

        fileprivate let streams: Set<StreamID>
        private let state = Mutex(State())

        fileprivate init(_ streams: Set<StreamID>) { self.streams = streams }

        /// Returns at once if a mark moved since the waiter was made, or when one does, or when the task is cancelled.
        func wait() async {
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let isOver = state.withLock { state in
                        if !state.isOver { state.continuation = continuation }
                        return state.isOver
                    }
                    if isOver { continuation.resume() }
                }
            } onCancel: {
                end()
            }
        }

        fileprivate func end() {
            let continuation = state.withLock { state in
                state.isOver = true
                defer { state.continuation = nil }
                return state.continuation
            }
            continuation?.resume()
        }
    }

    private struct State {
        var marks: [StreamID: UInt64] = [:]
        var waiters: [ObjectIdentifier: Waiter] = [:]
    }

    /// Streams kept; beyond it the board is wiped and read from the files again.
    private static let limit = 100_000
    private let state = Mutex(State())

    func mark(of stream: StreamID) -> UInt64? { state.withLock { $0.marks[stream] } }

    /// What a file says of streams that are not on the board.
    func learn(_ marks: [StreamMark]) {
        state.withLock { state in
            // Anybody may ask for streams that are none: they must not fill the board.
            for mark in marks where mark.mark > 0 && state.marks.count < Self.limit && state.marks[mark.stream] == nil {
                state.marks[mark.stream] = mark.mark
            }
        }
    }

    /// A commit has moved these marks.
    func publish(_ marks: [StreamMark]) {
        let over = state.withLock { state in
            if state.marks.count + marks.count > Self.limit { state.marks.removeAll() }
            for mark in marks { state.marks[mark.stream] = mark.mark }
            let over = state.waiters.values.filter { waiter in marks.contains { waiter.streams.contains($0.stream) } }
            for waiter in over { state.waiters[ObjectIdentifier(waiter)] = nil }
            return over
        }
        for waiter in over { waiter.end() }
    }

    /// Tells of the next change of any of these streams. Hand it to ``forget(_:)`` when it is not needed any more.
    func waiter(for streams: Set<StreamID>) -> Waiter {
        let waiter = Waiter(streams)
        state.withLock { $0.waiters[ObjectIdentifier(waiter)] = waiter }
        return waiter
    }

    func forget(_ waiter: Waiter) {
        state.withLock { $0.waiters[ObjectIdentifier(waiter)] = nil }
    }

    var waiting: Int { state.withLock { $0.waiters.count } }
}
