import Glibc
import Synchronization

/// The queue behind a ``WorkerThread``: a mutex, a condition variable and an array that is taken whole.
///
/// `@unchecked Sendable`: every stored property but `thread` is touched with `mutex` held; POSIX promises that a mutex and a
/// condition variable may be used from any thread as long as they stay at one address, which the two allocations give.
/// A job's unowned reference to its executor is good while it runs, because the batch holds its owner. `@safe`: the pointers
/// never leave this class.
@safe final class WorkQueue: @unchecked Sendable {
    enum Work {
        case closure(@Sendable () -> Void)
        case job(UnownedJob)
    }

    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var waiting: [Work] = []
    /// Set while work waits, so that the executor outlives every job that names it.
    private var owner: WorkerThread?
    private var finished = false
    private let thread = Atomic<UInt>(0)

    init() {
        unsafe mutex = .allocate(capacity: 1)
        unsafe condition = .allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(condition, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    var isCurrent: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

    func push(_ work: Work, owner: WorkerThread) {
        unsafe pthread_mutex_lock(mutex)
        let wasEmpty = waiting.isEmpty
        waiting.append(work)
        if self.owner == nil { self.owner = owner }
        unsafe pthread_mutex_unlock(mutex)
        if wasEmpty { unsafe pthread_cond_signal(condition) }
    }

    func finish() {
        unsafe pthread_mutex_lock(mutex)
        finished = true
        unsafe pthread_mutex_unlock(mutex)
        unsafe pthread_cond_signal(condition)
    }

    /// The thread's main function.
    func run() {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        var batch: [Work] = []
        while let owner = take(&batch) {
            withExtendedLifetime(owner) {
                for work in batch {
                    switch work {
                    case .closure(let body): body()
                    case .job(let job): unsafe job.runSynchronously(on: owner.asUnownedSerialExecutor())
                    }
                }
            }
            batch.removeAll(keepingCapacity: true)
        }
    }

    /// Waits for work and takes all of it; nil once the owner is gone and nothing waits.
    private func take(_ batch: inout [Work]) -> WorkerThread? {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while waiting.isEmpty {
            if finished { return nil }
            unsafe pthread_cond_wait(condition, mutex)
        }
        swap(&batch, &waiting)
        defer { owner = nil }
        return owner
    }
}
