internal import Glibc

/// The event loops of a process, one for each core it may use.
public struct LoopGroup: Sendable {
    public let loops: [EventLoop]

    /// Starts `count` loops (at least one; by default one for each core online).
    public static func start(count: Int? = nil, name: String = "loop") -> LoopGroup {
        let count = max(1, count ?? sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        return LoopGroup(loops: (0..<count).map { EventLoop.start(name: "\(name)-\($0)") })
    }

    public init(loops: [EventLoop]) {
        precondition(!loops.isEmpty, "a group needs a loop")
        self.loops = loops
    }

    /// The loop of the calling thread, if it is one of the group, else the first.
    public var current: EventLoop {
        if let current = EventLoop.current, loops.contains(where: { $0 === current }) { return current }
        return loops[0]
    }

    /// Stops every loop and waits for its thread.
    public func stop() {
        for loop in loops { loop.stop() }
    }
}
