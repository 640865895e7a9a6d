/// What a handler answers. The server writes `Content-Length`, `Transfer-Encoding`, `Connection` and (unless given) `Date`
/// itself: fields of the first three names are dropped.
public struct Response: Sendable {
    public var status: Status
    public var headers: Headers
    /// Further fields, after `headers`.
    public var fieldLines: FieldLines
    public var body: Body
    /// A number for whose it is; 0 for nobody's in particular. Where more stands than a server keeps, who has most of it loses some first.
    public var owner = 0

    public init(_ status: Status = .ok, headers: Headers = Headers(), fieldLines: FieldLines = FieldLines(), body: Body = .empty) {
        self.status = status
        self.headers = headers
        self.fieldLines = fieldLines
        self.body = body
    }

    /// A body of type `application/json`.
    public static func json(_ bytes: [UInt8], status: Status = .ok) -> Response {
        Response(status, headers: jsonHeaders, body: .bytes(bytes))
    }

    /// A body of type `text/plain; charset=utf-8`.
    public static func text(_ text: String, status: Status = .ok) -> Response {
        Response(status, headers: textHeaders, body: .bytes(Array(text.utf8)))
    }

    private static let jsonHeaders: Headers = [.contentType: "application/json"]
    private static let textHeaders: Headers = [.contentType: "text/plain; charset=utf-8"]
}
