/// An actor whose code runs on one ``WorkerThread``. It supplies `unownedExecutor`, which layers above may not write.
public protocol OnThread: Actor {
    /// The thread this actor lives on, for its whole life.
    nonisolated var thread: WorkerThread { get }
}

extension OnThread {
    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }
}
