import Contracts
import Encodings
import HTTP
import JSON
import Observability
import SQLite
import Trust

/// The one place where errors become responses: AWS JSON 1.1's, with what the client may know, and no more.
enum IdentityErrors {
    static let renderer = ErrorRenderer { error, request in
        switch error {
        case let error as IdentityError: response(for: error, to: request)
        case let error as InternalCallError: error.response
        case let error as HTTPError: response(for: error, to: request)
        case is PermissionCheck.Unanswered: response(for: .unavailable, to: request)
        case let error as SQLiteError where error.isStorageExhausted: response(for: .unavailable, to: request)
        default: response(for: IdentityError(.internalError, "Internal server error"), to: request)
        }
    }

    /// §5.3: the type and the message in the body and, for clients that look there, in headers.
    static func response(for error: IdentityError, status: Status? = nil, to request: Request?) -> Response {
        let body: JSONValue = ["__type": .string(error.kind.rawValue), "message": .string(error.message)]
        var response = IdentityResponse.json(JSON.encode(body), status: status ?? error.status, to: request)
        response.headers.add(IdentityResponse.errorType, error.kind.rawValue)
        response.headers.add(IdentityResponse.errorMessage, printable(error.message))
        if error.kind == .serviceUnavailable { response.headers.add(.retryAfter, "1") }
        return response
    }

    private static func response(for error: HTTPError, to request: Request?) -> Response {
        switch error {
        case .bodyTooLarge:
            return response(
                for: IdentityError(.serialization, "The request is longer than \(IdentityRoutes.bodyLimit) bytes"), status: .contentTooLarge,
                to: request)
        case .overloaded, .tooMuchAtOnce, .handlerTimeout: return response(for: .unavailable, to: request)
        case .notFound: return response(for: IdentityError(.unknownOperation, "Not found"), status: .notFound, to: request)
        case .methodNotAllowed(let allowed):
            // RFC 9110 §15.5.6.
            var response = response(for: IdentityError(.unknownOperation, error.status.reason), status: error.status, to: request)
            response.headers.add(.allow, allowed.map(\.rawValue).joined(separator: ", "))
            return response
        case .malformed, .requestTimeout, .bodyUnavailable, .lengthMismatch, .disconnected:
            return response(for: IdentityError(.unknownOperation, error.status.reason), status: error.status, to: request)
        }
    }

    /// A header's value is printable ASCII, and no longer than a client takes.
    private static func printable(_ text: String) -> String {
        String(text.unicodeScalars.prefix(2048).map { (0x20...0x7e).contains($0.value) ? Character($0) : "?" })
    }
}

extension IdentityError {
    static let unavailable = IdentityError(.serviceUnavailable, "Service unavailable")

    /// Everything a caller can mend is 400 in AWS JSON 1.1.
    var status: Status {
        switch kind {
        case .internalError: .internalServerError
        case .serviceUnavailable: .serviceUnavailable
        default: .badRequest
        }
    }
}
