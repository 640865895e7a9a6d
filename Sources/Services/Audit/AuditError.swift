internal import EventLog
internal import Shards

/// Why a request was refused. The text of `invalid` is ours and goes to the client; causes are for the log.
enum AuditError: Error, Equatable {
    case invalid(String)
    case unauthorized
    /// Somebody else's events, and the caller is no auditor.
    case forbidden
    /// The log does not reach a position the query waited for; carries the position.
    case notCovered(String)
    /// The caller, or all users of their tenant, have as many queries waiting for positions as may wait.
    case tooManyWait
    /// The log is a backup's, and who was erased since is still being erased again.
    case restoring
    /// The storage can't serve now (disk full, too much waits, about to end).
    case unavailable(ShardError)
    /// A defect, or damaged data.
    case failed(String)

    init(_ error: any Error) {
        switch error {
        case let error as AuditError: self = error
        case let error as ShardError:
            switch error {
            case .storageExhausted, .moved, .missing, .overloaded, .locked, .closed: self = .unavailable(error)
            case .tenantDeleted, .newerSchema, .corrupt, .file, .defect: self = .failed(error.description)
            }
        default: self = .failed("\(error)")
        }
    }

    /// Whether the service as a whole can't serve now, rather than one tenant's log.
    var isOfTheService: Bool {
        switch self {
        case .unavailable(.overloaded), .unavailable(.closed): true
        default: false
        }
    }

    /// Whether there may be room, or the folder be back, in a moment. It can be one file alone that is like that.
    var mayPass: Bool {
        switch self {
        case .unavailable(.storageExhausted), .unavailable(.moved), .unavailable(.locked): true
        default: false
        }
    }
}
