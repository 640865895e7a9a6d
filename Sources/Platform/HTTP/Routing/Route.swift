/// One row of a ``Router``'s table.
public struct Route: Sendable {
    public let method: Method
    /// `/notes/{noteId}`; a last segment `{name+}` matches all that is left, at least one segment.
    public let pattern: String
    public let handler: HTTPServer.Handler

    public init(_ method: Method, _ pattern: String, _ handler: @escaping HTTPServer.Handler) {
        self.method = method
        self.pattern = pattern
        self.handler = handler
    }
}
