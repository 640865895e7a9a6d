/// A response whose head has been read.
public struct ClientResponse: Sendable {
    public let head: ResponseHead
    public var body: ResponseBody
    /// The server closed the connection on which it was sent first: it may have been carried out before this answer's request came.
    public let wasSentTwice: Bool

    public var status: Status { head.status }
    public var headers: Headers { head.headers }
}
