internal import CUV

extension EventLoop {
    /// Suspends for at least `milliseconds`; ends early, with an error, when the task is cancelled or the loop stops.
    /// May be called from anywhere.
    public func sleep(milliseconds: UInt64) async throws(TransportError) {
        let sleeper = Sleeper()
        let woken = await withTaskCancellationHandler {
            unsafe await withUnsafeContinuation { (continuation: UnsafeContinuation<Bool, Never>) in
                execute { unsafe sleeper.start(on: self, milliseconds, continuation) }
            }
        } onCancel: {
            execute { sleeper.cancel(on: self) }
        }
        if !woken { throw isStopping ? .closed : .cancelled }
    }

    /// Runs `body` on the loop after `milliseconds`, or when the loop stops. To be called on the loop.
    /// - Returns: a number for ``cancelTimer(_:)``.
    public func schedule(afterMilliseconds milliseconds: UInt64, _ body: @escaping () -> Void) -> UInt64 {
        precondition(isCurrent, "not on the event loop")
        guard !isStopping else {
            body()
            return 0
        }
        return timers.add(due: now + milliseconds, body)
    }

    /// Forgets a timer. To be called on the loop.
    public func cancelTimer(_ id: UInt64) {
        precondition(isCurrent, "not on the event loop")
        timers.cancel(id)
    }

    func fireTimers() {
        let now = now
        while let entry = timers.popDue(now: now) { entry.body() }
    }
}

/// One sleep. Soundness: its state is touched on the loop's thread only.
@safe private final class Sleeper: @unchecked Sendable {
    private var continuation: UnsafeContinuation<Bool, Never>?
    private var timer: UInt64 = 0
    private var isCancelled = false

    func start(on loop: EventLoop, _ milliseconds: UInt64, _ continuation: UnsafeContinuation<Bool, Never>) {
        if isCancelled || loop.isStopping { return unsafe continuation.resume(returning: false) }
        unsafe self.continuation = continuation
        timer = loop.timers.add(due: loop.now + milliseconds) { self.finish(!loop.isStopping) }
    }

    func cancel(on loop: EventLoop) {
        isCancelled = true
        loop.timers.cancel(timer)
        finish(false)
    }

    private func finish(_ woken: Bool) {
        guard let waiting = unsafe continuation else { return }
        unsafe continuation = nil
        unsafe waiting.resume(returning: woken)
    }
}
