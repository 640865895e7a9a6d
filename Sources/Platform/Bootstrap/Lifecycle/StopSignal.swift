internal import Processes
internal import Synchronization

/// Says once, to everyone who waits, that it is time to stop.
public final class StopSignal: Sendable {
    private struct State {
        var isSet = false
        var nextWaiter = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }
    private let state = Mutex(State())

    public init() {}

    /// Set by SIGTERM, SIGINT or SIGHUP. A second signal, from somebody who won't wait, ends the process at once.
    ///
    /// Call it once in a process.
    public static func onTermination() throws -> StopSignal {
        let stop = StopSignal()
        try Signals.onTermination { signal in
            if stop.isSet { CurrentProcess.exit(128 + signal.rawValue) }
            stop.set()
        }
        return stop
    }

    public var isSet: Bool { state.withLock(\.isSet) }

    public func set() {
        let waiters = state.withLock { state in
            state.isSet = true
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume() }
    }

    /// Returns once the signal is set, or the task is cancelled.
    public func wait() async {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                let isOver = state.withLock { state in
                    if state.isSet || Task.isCancelled { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }
}
