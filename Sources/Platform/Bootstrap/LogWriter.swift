internal import Synchronization
public import Observability
internal import Threads

/// Writes log lines from a thread of its own, so that a slow reader of standard output never holds up a request.
public final class LogWriter: Sendable {
    public let buffer: LogBuffer
    private let thread: WorkerThread
    private let destination: Destination

    /// What the writer's thread writes to.
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

    /// - Parameter write: writes all bytes, and may block; called from the writer's thread.
    public init(write: @escaping @Sendable ([UInt8]) -> Void) throws {
        let thread = try WorkerThread(name: "log")
        self.thread = thread
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

    /// Runs what logs into the buffer, and then has its last lines written, whatever came of it.
    public func flushing(_ body: (LogBuffer) async throws -> Void) async throws {
        do { try await body(buffer) } catch {
            await flush()
            throw error
        }
        await flush()
    }

    /// Has what is there now written: the last act of a process, which no reader that stands still keeps from ending.
    public func flush(within patience: Duration = .seconds(2)) async {
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        let (buffer, destination) = (buffer, destination)
        thread.submit {
            destination.drain(buffer)
            end.finish()
        }
        let timer = Task {
            try? await Task.sleep(for: patience)
            end.finish()
        }
        for await _ in ends {}
        timer.cancel()
    }
}
