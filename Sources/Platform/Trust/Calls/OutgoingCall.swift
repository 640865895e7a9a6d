public import HTTP
public import Observability

/// A call to another service, before it is signed.
public struct OutgoingCall: Sendable {
    public var method: Method
    /// Path and query, canonical.
    public var target: [UInt8]
    /// The content type and what else the callee reads. No `host`, `x-amz-` or identity fields: those are the client's.
    public var headers: Headers
    public var body: [UInt8]
    /// The identity header's value; only the gateway has one to give.
    public var identity: [UInt8]?
    /// The request that causes the call, whose id and trace go with it.
    public var cause: RequestEvent?
    /// Until the head of the answer is there.
    public var timeoutMilliseconds: UInt64 = 10_000

    public init(_ method: Method, _ target: [UInt8], headers: Headers = Headers(), body: [UInt8] = []) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
    }

    /// A call with a JSON body.
    public static func json(_ method: Method, _ target: String, _ body: [UInt8]) -> OutgoingCall {
        OutgoingCall(method, Array(target.utf8), headers: [.contentType: "application/json"], body: body)
    }

    /// The call to a callee that may hold its answer back for so long.
    public func longPoll(seconds: Int) -> OutgoingCall {
        var call = self
        call.timeoutMilliseconds = UInt64(seconds + 10) * 1_000
        return call
    }
}
