/// One operating-system thread with a queue: blocking work (SQLite, password hashes, files) runs here and never on an event loop.
///
/// It is the `SerialExecutor` of actors that conform to ``OnThread``, and takes plain closures by ``submit(_:)``. Work runs in
/// the order it was queued. The thread ends by itself once nobody holds this object and its queue is empty.
public final class WorkerThread: SerialExecutor {
    private let queue: WorkQueue
    public let name: String

    /// Starts the thread. `name` is cut to 15 bytes, which is what Linux shows.
    public init(name: String) throws(ThreadError) {
        let queue = WorkQueue()
        self.queue = queue
        self.name = name
        try startThread(name: name) { queue.run() }
    }

    deinit {
        queue.finish()
    }

    /// Queues `body`. Never blocks for longer than the queue's lock.
    public func submit(_ body: @escaping @Sendable () -> Void) {
        queue.push(.closure(body), owner: self)
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        queue.push(.job(UnownedJob(job)), owner: self)
    }

    public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        unsafe UnownedSerialExecutor(ordinary: self)
    }

    /// Whether the caller runs on this thread.
    public var isCurrent: Bool { queue.isCurrent }

    public func checkIsolated() {
        precondition(isCurrent, "not on the thread \(name)")
    }

    public func isIsolatingCurrentContext() -> Bool? { isCurrent }
}
