internal import EventLog
internal import Shards

/// Why a request was refused; `position` is that of the refusal's own event. The text of `invalid` is ours and goes to the client; causes are for the log.
enum NotesError: Error, Equatable {
    case invalid(String)
    case tooLarge
    /// The body is in a `Content-Encoding`.
    case unsupportedCoding
    case unauthorized
    /// There is no such note, or it is somebody else's.
    case noteNotFound(position: String?)
    case preconditionFailed(position: String?)
    /// The condition was on the list of notes.
    case listConditionFailed(position: String?)
    case quotaExceeded(position: String?)
    case idempotencyMismatch(position: String?)
    /// An operator names a tenant that has no notes, or none any more.
    case tenantNotFound
    /// The user, or the whole tenant, was erased: who calls is nobody any more.
    case erased(position: String?)
    /// The data are of a backup, and what was erased since is still being erased again.
    case restoring
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
            case .storageExhausted, .moved, .missing, .overloaded, .locked, .closed: self = .unavailable(error)
            case .tenantDeleted: self = .erased(position: nil)
            case .newerSchema, .corrupt, .file, .defect: self = .failed(error.description)
            }
        case SealError.erased: self = .erased(position: nil)
        case let error as OutboxSourceError: self = error == .unavailable ? .unavailable(.overloaded) : .invalid("after is not valid")
        case let error as OutboxError:
            if error == .full { self = .backlog } else { self = .failed("\(error)") }
        default: self = .failed("\(error)")
        }
    }
}
