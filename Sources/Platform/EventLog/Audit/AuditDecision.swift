/// What is done with a verified event.
public enum AuditDecision: Equatable, Sendable {
    /// It is the stream's next: store it, and move the mark, in one transaction.
    case append
    /// It is stored already.
    case duplicate
    /// The source signed two different events for one place, or one that does not follow on its predecessor: record it and raise an alarm.
    case conflict
    /// Events before it are missing: it is not stored, and the missing ones are asked for.
    case gap
}
