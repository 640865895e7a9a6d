public import Observability
internal import Synchronization
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
    private let begun = Mutex<RequestEvent?>(nil)

    init(head: RequestHead, body: RequestBody, peer: SocketAddress, drainSignal: DrainSignal?, match: RouteMatch = .none) {
        self.head = head
        self.body = body
        self.peer = peer
        self.drainSignal = drainSignal
        self.match = match
    }

    /// The request as its route's handler gets it.
    func matched(_ match: RouteMatch) -> Request {
        let request = Request(head: head, body: body, peer: peer, drainSignal: drainSignal, match: match)
        if let event { request.begin(event) }
        return request
    }

    /// What is known of it so far, for its log line; nil where nobody has begun one.
    public var event: RequestEvent? { begun.withLock { $0 } }

    /// For the handler's host to say.
    public func begin(_ event: RequestEvent) { begun.withLock { $0 = event } }

    public var method: Method { head.method }
    public var headers: Headers { head.headers }
    /// The target's query, without its `?`; nil where there is none.
    public var query: [UInt8]? { head.queryRange.map { Array(headers.bytes[$0]) } }

    /// Whether the server is shutting down: this is the connection's last request. A handler that waits (a long poll) should
    /// answer soon. When the peer resets the connection, the handler's task is cancelled.
    public var isDraining: Bool { drainSignal?.isDraining ?? false }

    /// The route parameter of that name, percent-decoded; nil if there is none or it isn't UTF-8.
    public func parameter(_ name: String) -> String? { match.parameter(name, in: head) }
}
