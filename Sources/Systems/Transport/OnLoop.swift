/// An actor that lives on one event loop: its code runs on the loop's thread, and calls between actors of one loop never hop.
public protocol OnLoop: Actor {
    nonisolated var loop: EventLoop { get }
}

extension OnLoop {
    // The executor outlives the actor: the actor holds the loop.
    nonisolated public var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }
}
