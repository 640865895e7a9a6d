import Synchronization

/// Lines on their way to whoever writes them: filled from any thread in about a microsecond, taken in batches by one writer.
///
/// A writer that stands still (a full pipe) never stops a request: beyond `capacity` bytes lines are dropped and counted.
public final class LogBuffer: Sendable {
    struct State {
        var pending: [UInt8] = []
        var clock = LineClock()
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
                return false
            }
            let isFirst = state.pending.isEmpty
            render(&state.pending, &state.clock)
            return isFirst
        }
        if isFirst { wake(self) }
    }

    /// All lines so far, each complete.
    /// - Parameter room: an empty array, whose room is for the lines to come: a writer that takes again and again needs no more of it.
    public func take(room: consuming [UInt8] = []) -> [UInt8] {
        precondition(room.isEmpty, "room has nothing in it")
        var lines = room
        state.withLock { swap(&$0.pending, &lines) }
        return lines
    }
}
