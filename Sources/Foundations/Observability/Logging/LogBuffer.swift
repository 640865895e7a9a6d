import Synchronization

/// Lines on their way to whoever writes them: filled from any thread in about a microsecond, taken in batches by one writer.
///
/// A writer that stands still (a full pipe) never stops a request: beyond `capacity` bytes lines are dropped, counted, and the next batch says how many.
public final class LogBuffer: Sendable {
    struct State {
        var pending: [UInt8] = []
        var clock = LineClock()
        var droppedSinceTaken = 0
        var dropped = 0
    }

    /// The most bytes kept for a writer that is slow.
    public let capacity: Int
    private let state = Mutex(State())
    private let wake: @Sendable (LogBuffer) -> Void

    /// - Parameters:
    ///   - capacity: in bytes, 4 MiB unless told.
    ///   - wake: called when the buffer gets its first line since it was last taken; may come from any thread and must not block.
    public init(capacity: Int = 4 << 20, wake: @escaping @Sendable (LogBuffer) -> Void) {
        self.capacity = capacity
        self.wake = wake
    }

    /// Lines lost so far because the writer was too slow.
    public var dropped: Int { state.withLock { $0.dropped } }

    /// - Parameter render: appends one line to what is there.
    func append(_ render: (inout [UInt8], inout LineClock) -> Void) {
        let isFirst = state.withLock { state in
            guard state.pending.count < capacity else {
                state.dropped += 1
                state.droppedSinceTaken += 1
                return false
            }
            let isFirst = state.pending.isEmpty
            render(&state.pending, &state.clock)
            return isFirst
        }
        if isFirst { wake(self) }
    }

    /// All lines so far, each complete, and how many were dropped since they were last taken.
    public func take() -> (lines: [UInt8], dropped: Int) {
        var lines: [UInt8] = []
        let dropped = take(into: &lines)
        return (lines, dropped)
    }

    /// - Parameter lines: empty; its room is for the lines to come, so that a writer that takes again and again needs no more.
    /// - Returns: how many were dropped since they were last taken.
    public func take(into lines: inout [UInt8]) -> Int {
        state.withLock { state in
            swap(&state.pending, &lines)
            defer { state.droppedSinceTaken = 0 }
            return state.droppedSinceTaken
        }
    }
}
