public import Transport

/// A request as a handler gets it. An object, since it is handed on from one function to the next all the way through a service.
public final class Request: Sendable {
    public let head: RequestHead
    public let body: RequestBody
    /// The other end of the connection (a proxy, perhaps).
    public let peer: SocketAddress
    /// What the route's `{parameters}` matched.
    public let match: RouteMatch
    private let drainSignal: DrainSignal?

    /// A request made by hand, for tests and for calling a handler without a connection.
    public convenience init(head: RequestHead, body: RequestBody = RequestBody(), peer: SocketAddress = .loopback(port: 0)) {
        self.init(head: head, body: body, peer: peer, drainSignal: nil)
    }

    init(head: RequestHead, body: RequestBody, peer: SocketAddress, drainSignal: DrainSignal?, match: RouteMatch = .none) {
        self.head = head
        self.body = body
        self.peer = peer
        self.drainSignal = drainSignal
        self.match = match
    }

    /// The request as its route's handler gets it.
    func matched(_ match: RouteMatch) -> Request {
        Request(head: head, body: body, peer: peer, drainSignal: drainSignal, match: match)
    }

    public var method: Method { head.method }
    public var headers: Headers { head.headers }

    /// Whether the server is shutting down: this is the connection's last request. A handler that waits (a long poll) should
    /// answer soon. When the peer resets the connection, the handler's task is cancelled.
    public var isDraining: Bool { drainSignal?.isDraining ?? false }

    /// The route parameter of that name, percent-decoded; nil if there is none or it isn't UTF-8.
    public func parameter(_ name: String) -> String? { match.parameter(name, in: head) }
}
