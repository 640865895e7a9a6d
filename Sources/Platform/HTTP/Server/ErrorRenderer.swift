/// The one place where errors become responses: a server's own (``HTTPError``: 400, 408, 413, 431, …) and whatever a handler throws.
///
/// ```
/// let errors = ErrorRenderer { error, request in
///     switch error {
///     case let error as NotesError: Response.json(error.body, status: error.status)
///     case let error as HTTPError: …
///     default: Response.json(Array(#"{"error":"Internal error"}"#.utf8), status: .internalServerError)
///     }
/// }
/// ```
public struct ErrorRenderer: Sendable {
    private let render: @Sendable (any Error, Request?) -> Response

    /// - Parameter render: given the error and the request, which is nil where its head could not be read.
    public init(_ render: @escaping @Sendable (any Error, Request?) -> Response) { self.render = render }

    public func response(for error: any Error, request: Request?) -> Response { render(error, request) }

    /// `{"message":"<reason phrase>"}`; 500 for what isn't an ``HTTPError``. `Allow` goes with a 405, `Retry-After` with a 503.
    public static let json = ErrorRenderer { error, _ in
        let status = (error as? HTTPError)?.status ?? .internalServerError
        var response = Response.json(Array(#"{"message":"\#(status.reason)"}"#.utf8), status: status)
        if case .methodNotAllowed(let allowed) = error as? HTTPError {
            response.headers.add(.allow, allowed.map(\.rawValue).joined(separator: ", "))
        }
        if status == .serviceUnavailable { response.headers.add(.retryAfter, "1") }
        return response
    }
}
