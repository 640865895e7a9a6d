internal import Processes

/// Says once, to everyone who waits, that it is time to stop.
public final class StopSignal: Sendable {
    private let board = GenerationBoard()

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

    public var isSet: Bool { board.generation > 0 }

    public func set() { board.announce(1) }

    /// Returns once the signal is set, or the task is cancelled.
    public func wait() async { await board.wait(past: 0) }
}
