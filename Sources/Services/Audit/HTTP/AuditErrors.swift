internal import HTTP
internal import JSON
internal import Trust

/// The one place where errors become responses: `{"error": …}` with what the client may know, and no more.
enum AuditErrors {
    static let renderer = ErrorRenderer { error, _ in
        switch error {
        case let error as AuditError: response(for: error)
        case let error as HTTPError: response(for: error)
        case let error as InternalCallError: error.response
        default: failure("Internal server error", .internalServerError)
        }
    }

    private static func response(for error: AuditError) -> Response {
        switch error {
        case .invalid(let message): failure(message, .badRequest)
        case .unauthorized: failure("Unauthorized", .unauthorized)
        case .forbidden: failure("Only auditors may see other users' events", .forbidden)
        case .notCovered(let position): retry(failure("The log does not reach \(position) yet", .gatewayTimeout))
        case .tooManyWait: retry(failure("Too many queries wait for the log", .tooManyRequests))
        case .unavailable, .restoring: retry(failure("Service unavailable", .serviceUnavailable))
        case .failed: failure("Internal server error", .internalServerError)
        }
    }

    private static func response(for error: HTTPError) -> Response {
        switch error {
        case .notFound: return failure("Not found", .notFound)
        case .methodNotAllowed(let allowed):
            var response = failure("Method not allowed", .methodNotAllowed)
            response.headers.add(.allow, allowed.map(\.rawValue).joined(separator: ", "))
            return response
        case .overloaded, .tooMuchAtOnce, .handlerTimeout: return retry(failure("Service unavailable", .serviceUnavailable))
        case .bodyTooLarge, .malformed, .requestTimeout, .bodyUnavailable, .lengthMismatch, .disconnected:
            return failure(error.status.reason, error.status)
        }
    }

    private static func retry(_ response: Response) -> Response {
        var response = response
        response.headers.add(.retryAfter, "1")
        return response
    }

    private static func failure(_ message: String, _ status: Status) -> Response {
        .json(JSON.encode(["error": .string(message)]), status: status)
    }
}
