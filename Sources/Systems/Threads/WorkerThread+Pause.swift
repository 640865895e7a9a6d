import Glibc

extension WorkerThread {
    /// Stands still for a moment, so that work which comes in small pieces is done in batches. Only from work of this thread.
    public func pause(microseconds: Int) {
        precondition(isCurrent, "only a thread's own work may hold it up")
        var wanted = timespec(tv_sec: microseconds / 1_000_000, tv_nsec: microseconds % 1_000_000 * 1000)
        var left = timespec()
        // Interrupted by a signal, nanosleep tells what is left.
        while unsafe nanosleep(&wanted, &left) != 0 && errno == EINTR { wanted = left }
    }
}
