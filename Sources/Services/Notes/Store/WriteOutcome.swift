/// How a write ended. Each is on the disk, together with its event, when the caller sees it; `position` is that event's.
enum WriteOutcome: Sendable {
    case created(Note, position: String)
    /// The same request came before; this is the answer it got.
    case repeated(Note, position: String)
    case updated(Note, position: String)
    case deleted(position: String)
    case noteNotFound(position: String)
    case preconditionFailed(position: String)
    case quotaExceeded(position: String)
    case idempotencyMismatch(position: String)
    /// The user is no more; a token of theirs still is.
    case erased(position: String)

    /// The word for metrics, one of ``names``.
    var name: String {
        switch self {
        case .created: "created"
        case .repeated: "repeated"
        case .updated: "updated"
        case .deleted: "deleted"
        case .noteNotFound: "not-found"
        case .preconditionFailed: "precondition"
        case .quotaExceeded: "quota"
        case .idempotencyMismatch: "idempotency-mismatch"
        case .erased: "erased"
        }
    }

    static let names = ["created", "repeated", "updated", "deleted", "not-found", "precondition", "quota", "idempotency-mismatch", "erased"]
}
