internal import HTTP
internal import Trust

/// The one place where errors become responses: `{"error": …}` with what the client may know, and no more.
enum NotesErrors {
    static let renderer = ErrorRenderer { error, _ in
        switch error {
        case let error as NotesError: response(for: error)
        case let error as HTTPError: response(for: error)
        case let error as InternalCallError: error.response
        default: NoteJSON.error("Internal server error", status: .internalServerError)
        }
    }

    private static func response(for error: NotesError) -> Response {
        switch error {
        case .invalid(let message): NoteJSON.error(message, status: .badRequest)
        case .tooLarge: response(for: HTTPError.bodyTooLarge)
        case .unsupportedCoding: unsupportedCoding
        case .unauthorized: NoteJSON.error("Unauthorized", status: .unauthorized)
        case .tenantNotFound: NoteJSON.error("The tenant has no notes", status: .notFound)
        case .erased(let position): at(position, NoteJSON.error("Unauthorized", status: .unauthorized))
        case .noteNotFound(let position): at(position, NoteJSON.error("Note not found", status: .notFound))
        case .preconditionFailed(let position): at(position, NoteJSON.error("The note has changed", status: .preconditionFailed))
        case .listConditionFailed(let position):
            at(position, NoteJSON.error("The condition does not hold for the list of notes", status: .preconditionFailed))
        case .quotaExceeded(let position): at(position, NoteJSON.error("Too many notes", status: .forbidden))
        case .idempotencyMismatch(let position):
            at(position, NoteJSON.error("Idempotency-Key was used for another request", status: .unprocessableContent))
        // An outbox drains at the pace of the audit service, a full disk at an operator's.
        case .backlog, .restoring: unavailable(retryAfter: "5")
        case .unavailable: unavailable(retryAfter: "1")
        case .failed: NoteJSON.error("Internal server error", status: .internalServerError)
        }
    }

    private static func response(for error: HTTPError) -> Response {
        switch error {
        // As the service we replace did, a method it doesn't have is a path it doesn't have.
        case .notFound, .methodNotAllowed: NoteJSON.error("Not found", status: .notFound)
        case .bodyTooLarge: NoteJSON.error("The body is longer than \(NoteDraft.maximumBody) bytes", status: .contentTooLarge)
        case .overloaded, .tooMuchAtOnce, .handlerTimeout: unavailable(retryAfter: "1")
        case .malformed, .requestTimeout, .bodyUnavailable, .lengthMismatch, .disconnected:
            NoteJSON.error(error.status.reason, status: error.status)
        }
    }

    private static var unsupportedCoding: Response {
        var response = NoteJSON.error("The body must not have a Content-Encoding", status: .unsupportedMediaType)
        // What would do (RFC 9110 §12.5.3).
        response.headers.add(NotesHeader.acceptEncoding, "identity")
        return response
    }

    private static func unavailable(retryAfter seconds: String) -> Response {
        var response = NoteJSON.error("Service unavailable", status: .serviceUnavailable)
        response.headers.add(.retryAfter, seconds)
        return response
    }

    private static func at(_ position: String?, _ response: Response) -> Response {
        guard let position else { return response }
        var response = response
        response.headers.add(NotesHeader.auditPosition, position)
        return response
    }
}
