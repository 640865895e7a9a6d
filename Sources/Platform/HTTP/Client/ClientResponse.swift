/// A response whose head has been read.
public struct ClientResponse: Sendable {
    public let head: ResponseHead
    public var body: ResponseBody

    public var status: Status { head.status }
    public var headers: Headers { head.headers }
}
