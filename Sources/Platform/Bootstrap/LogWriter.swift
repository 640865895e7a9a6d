internal import Synchronization
public import Observability
internal import Threads

/// Writes log lines from a thread of its own, so that a slow reader of standard output never holds up a request.
public final class LogWriter: Sendable {
    public let buffer: LogBuffer
    private let destination: Destination

    /// Serialises batches, so that lines of the thread and of a last flush don't mix.
    private final class Destination: Sendable {
        /// Room that is kept from one batch to the next, in bytes.
        private static let keptRoom = 1 << 20

        let write: @Sendable ([UInt8]) -> Void
        /// The array of the last batch, empty.
        let spare: Mutex<[UInt8]> = Mutex([])

        init(write: @escaping @Sendable ([UInt8]) -> Void) {
            self.write = write
        }

        func drain(_ buffer: LogBuffer) {
            spare.withLock { lines in
                lines = buffer.take(room: lines)
                if !lines.isEmpty { write(lines) }
                lines.removeAll(keepingCapacity: lines.capacity <= Self.keptRoom)
            }
        }
    }

    /// - Parameter write: writes all bytes, and may block; called from the writer's thread and by `flush`.
    public init(write: @escaping @Sendable ([UInt8]) -> Void) throws {
        let thread = try WorkerThread(name: "log")
        let destination = Destination(write: write)
        self.destination = destination
        buffer = LogBuffer { buffer in
            thread.submit {
                // What comes in a moment goes out in the same write, and a busy loop is seldom interrupted for it.
                thread.pause(microseconds: 5000)
                destination.drain(buffer)
            }
        }
    }

    /// Writes what is there now, from the caller's thread: the last act of a process.
    public func flush() {
        destination.drain(buffer)
    }
}
