internal import CUV
internal import Glibc
internal import Synchronization

/// One thread with one libuv loop, on which connections live and die.
///
/// A loop is a `TaskExecutor` and a `SerialExecutor`: a task started by ``spawn(name:_:)`` runs there, and so do actors that
/// conform to ``OnLoop``. Resuming such a task is a push to an array, never a thread hop.
///
/// Nothing that blocks may run on a loop.
///
/// Soundness: everything mutable is touched by the loop's own thread only, except `inbox` (behind a mutex) and `thread` (an
/// `Atomic`); `uv_async_send` is the one libuv call made from elsewhere, and libuv documents it as thread-safe.
@safe public final class EventLoop: TaskExecutor, SerialExecutor, @unchecked Sendable {
    let uv: UnsafeMutablePointer<uv_loop_t>
    private let wake: UnsafeMutablePointer<uv_async_t>
    private let beforePoll: UnsafeMutablePointer<uv_prepare_t>
    private let afterPoll: UnsafeMutablePointer<uv_check_t>

    private let inbox = Mutex(Inbox())
    private let thread = Atomic<UInt>(0)

    // An access to one of these ends before any job or body runs, so none can overlap another; checked each time, they would be a tenth of a turn.
    @exclusivity(unchecked) private var ready: [UnownedJob] = []
    @exclusivity(unchecked) private var running: [UnownedJob] = []
    @exclusivity(unchecked) private var endOfTurn: [() -> Void] = []
    /// Streams that have bytes to send before the loop waits again.
    @exclusivity(unchecked) private var unsent: [Stream] = []
    /// Whether it runs no more than what has to end. To be read on the loop.
    public private(set) var isStopping = false
    var timers: TimerQueue
    var streams = StreamRegistry()
    // Its functions call nothing that could come back here.
    @exclusivity(unchecked) var buffers = BufferPool()
    let tls = TLSExchange()
    var acceptors: [Acceptor] = []
    var watches: [DescriptorWatch] = []

    public let name: String

    /// Starts the loop's thread. `name` shows up in debuggers and `top -H` (the first 15 bytes of it).
    public static func start(name: String) -> EventLoop {
        // libuv writes without MSG_NOSIGNAL: a peer that has gone must be an error of that write, not the end of the process.
        _ = signal(SIGPIPE, SIG_IGN)
        let loop = EventLoop(name: name)
        loop.startThread()
        return loop
    }

    private init(name: String) {
        self.name = name
        unsafe uv = .allocate(capacity: 1)
        unsafe wake = .allocate(capacity: 1)
        unsafe beforePoll = .allocate(capacity: 1)
        unsafe afterPoll = .allocate(capacity: 1)
        unsafe precondition(uv_loop_init(uv) == 0, "the system is out of file descriptors")
        unsafe timers = TimerQueue(uv: uv)
    }

    deinit {
        unsafe wake.deallocate()
        unsafe beforePoll.deallocate()
        unsafe afterPoll.deallocate()
        unsafe uv.deallocate()
    }

    // MARK: Executor

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent {
            unsafe ready.append(job)
        } else {
            post { $0.jobs.append(job) }
        }
    }

    public func asUnownedSerialExecutor() -> UnownedSerialExecutor { unsafe UnownedSerialExecutor(ordinary: self) }

    public func checkIsolated() { precondition(isCurrent, "not on the event loop") }

    /// Whether the calling thread is this loop's.
    public var isCurrent: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

    /// The loop whose thread this is, if any.
    public static var current: EventLoop? { CurrentLoop.get() }

    /// Starts a task that stays on this loop, its children too.
    @discardableResult
    public func spawn(name: String? = nil, _ body: sending @escaping @isolated(any) () async -> Void) -> Task<Void, Never> {
        Task(name: name, executorPreference: self) { await body() }
    }

    /// Runs `body` on the loop's thread: now, if this is it, else soon.
    public func execute(_ body: @escaping @Sendable () -> Void) {
        if isCurrent { body() } else { post { $0.bodies.append(body) } }
    }

    /// Runs `body` on the loop once nothing is ready any more, before it waits for its sockets again: for what is worth doing once for all that happened in a turn.
    /// To be called on the loop.
    public func atEndOfTurn(_ body: @escaping () -> Void) {
        precondition(isCurrent, "not on the event loop")
        unsafe endOfTurn.append(body)
    }

    /// Milliseconds of the monotonic clock; on the loop's own thread, as of the latest wake-up.
    public var now: UInt64 {
        if isCurrent, !isStopping { unsafe uv_now(uv) } else { uv_hrtime() / 1_000_000 }
    }

    /// Closes every stream, timer and watch of the loop, runs what they were waiting for, and ends the thread.
    /// Waits for the end unless called on the loop itself.
    public func stop() {
        guard
            let pthread = inbox.withLock({ inbox in
                inbox.stop = true
                defer { inbox.pthread = nil }
                return inbox.pthread
            })
        else { return }
        post { _ in }
        if !isCurrent { pthread_join(pthread, nil) } else { pthread_detach(pthread) }
    }

    // MARK: The thread

    private struct Inbox {
        var jobs: [UnownedJob] = []
        var bodies: [@Sendable () -> Void] = []
        var signalled = false
        var stop = false
        var ended = false
        var pthread: pthread_t?
    }

    private func post(_ add: (inout Inbox) -> Void) {
        let runHere = inbox.withLock { inbox in
            add(&inbox)
            defer { inbox.signalled = true }
            if inbox.signalled { return false }
            // Under the lock, so that the handle can't be closed between the check and the call.
            if !inbox.ended { unsafe uv_async_send(wake) }
            return inbox.ended
        }
        // A loop that has ended has no thread. What still arrives (a task that looks at its cancellation, say) runs on the caller's.
        if runHere { runAfterEnd() }
    }

    private func startThread() {
        prepareHandles()
        var pthread = pthread_t()
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        let code = unsafe pthread_create(
            &pthread, nil,
            { context in
                let loop = unsafe Unmanaged<EventLoop>.fromOpaque(context!).takeRetainedValue()
                loop.run()
                return nil
            }, context)
        precondition(code == 0, "the system is out of threads")
        inbox.withLock { $0.pthread = pthread }
    }

    private func prepareHandles() {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe uv_async_init(uv, wake) { handle in unsafe loopOf(handle!.pointee.data).takeInbox() }
        unsafe uv_prepare_init(uv, beforePoll)
        unsafe uv_check_init(uv, afterPoll)
        unsafe wake.pointee.data = context
        unsafe beforePoll.pointee.data = context
        unsafe afterPoll.pointee.data = context
        unsafe timers.start(context: context)
        unsafe uv_prepare_start(beforePoll) { handle in unsafe loopOf(handle!.pointee.data).drain() }
        unsafe uv_check_start(afterPoll) { handle in unsafe loopOf(handle!.pointee.data).drain() }
    }

    private func run() {
        adoptThread()
        unsafe thread_set_name(String(name.prefix(15)))
        unsafe uv_run(uv, UV_RUN_DEFAULT)
        drain()
        thread.store(0, ordering: .relaxed)
        CurrentLoop.set(nil)
        let leftOver = inbox.withLock { inbox in
            inbox.ended = true
            inbox.signalled = !(inbox.jobs.isEmpty && inbox.bodies.isEmpty)
            return inbox.signalled
        }
        unsafe uv_loop_close(uv)
        unsafe buffers.clear()
        if leftOver { runAfterEnd() }
    }

    private func adoptThread() {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        CurrentLoop.set(self)
    }

    private func takeInbox() {
        let (bodies, stop) = inbox.withLock { inbox in
            inbox.signalled = false
            unsafe ready.append(contentsOf: inbox.jobs)
            inbox.jobs.removeAll(keepingCapacity: true)
            let bodies = inbox.bodies
            inbox.bodies.removeAll()
            return (bodies, inbox.stop)
        }
        for body in bodies { body() }
        if stop, !isStopping { beginStop() }
    }

    /// Runs what is ready. Bounded, so that tasks which keep waking each other can't keep the loop from its sockets.
    private func drain() {
        var rounds = 0
        while unsafe !ready.isEmpty || !endOfTurn.isEmpty {
            if rounds == 16, !isStopping {
                unsafe uv_async_send(wake)
                break
            }
            rounds += 1
            unsafe swap(&ready, &running)
            for job in unsafe running { run(job) }
            unsafe running.removeAll(keepingCapacity: true)
            if unsafe ready.isEmpty && !endOfTurn.isEmpty { runEndOfTurn() }
        }
        if unsafe !unsent.isEmpty { sendUnsent() }
    }

    /// Has the stream send its bytes with those of others: a peer that has to be woken is woken once for all that is meant for it, and the kernel's code for
    /// sending is fetched once. The first waits for so many others at most.
    func sendSoon(_ stream: Stream) {
        unsafe unsent.append(stream)
        if unsafe unsent.count == Self.sentTogether { sendUnsent() }
    }

    private static let sentTogether = 32

    private func sendUnsent() {
        for stream in unsafe unsent { stream.sendPosted() }
        unsafe unsent.removeAll(keepingCapacity: true)
    }

    private func runEndOfTurn() {
        var bodies: [() -> Void] = []
        unsafe swap(&bodies, &endOfTurn)
        for body in bodies { body() }
    }

    private func run(_ job: UnownedJob) {
        unsafe job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
    }

    // MARK: The end

    private func beginStop() {
        isStopping = true
        for acceptor in acceptors { acceptor.close() }
        for watch in watches { watch.close() }
        for stream in streams.all { stream.close() }
        streams.stopTicking()
        for entry in timers.stop() { entry.body() }
        drain()
        unsafe closeOwn(UnsafeMutableRawPointer(beforePoll))
        unsafe closeOwn(UnsafeMutableRawPointer(afterPoll))
        unsafe closeOwn(UnsafeMutableRawPointer(wake))
        drain()
    }

    private func closeOwn(_ handle: UnsafeMutableRawPointer) {
        unsafe uv_close(handle.assumingMemoryBound(to: uv_handle_t.self), nil)
    }

    private func runAfterEnd() {
        adoptThread()
        while true {
            let work = inbox.withLock { inbox -> (jobs: [UnownedJob], bodies: [@Sendable () -> Void])? in
                let work = unsafe (jobs: inbox.jobs + ready, bodies: inbox.bodies)
                inbox.jobs = []
                inbox.bodies = []
                unsafe ready = []
                if work.jobs.isEmpty, work.bodies.isEmpty {
                    inbox.signalled = false
                    thread.store(0, ordering: .relaxed)
                    return nil
                }
                return work
            }
            guard let work else { break }
            for body in work.bodies { body() }
            for job in work.jobs { run(job) }
        }
        CurrentLoop.set(nil)
    }
}

/// The loop a libuv callback belongs to: each of the loop's own handles carries it, and the loop outlives its handles
/// because its thread holds it until `uv_run` has returned.
func loopOf(_ data: UnsafeMutableRawPointer?) -> EventLoop {
    unsafe Unmanaged<EventLoop>.fromOpaque(data!).takeUnretainedValue()
}
