internal import EventLog
internal import Shards

/// Why a request was refused. The text of `invalid` is ours and goes to the client; causes are for the log.
enum NotesError: Error, Equatable {
    case invalid(String)
    case unauthorized
    /// An internal route, called by a service that may not.
    case forbidden
    case noteNotFound
    /// No such route.
    case notFound
    case bodyTooLarge
    case preconditionFailed(position: String?)
    case quotaExceeded(position: String?)
    case idempotencyMismatch(position: String?)
    /// The audit log is too far behind: a write that could not be recorded is not made.
    case backlog
    /// The storage can't serve now (disk full, too much waits, about to end).
    case unavailable(ShardError)
    /// A defect, or damaged data.
    case failed(String)

    init(_ error: any Error) {
        switch error {
        case let error as NotesError: self = error
        case let error as ShardError:
            switch error {
            case .storageExhausted, .overloaded, .closed: self = .unavailable(error)
            case .inUse, .newerSchema, .corrupt, .file, .defect: self = .failed(error.description)
            }
        case let error as OutboxError:
            if error == .full { self = .backlog } else { self = .failed("\(error)") }
        default: self = .failed("\(error)")
        }
    }
}
