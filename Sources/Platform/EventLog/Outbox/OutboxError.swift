public import Contracts
public import SQLite

/// Why an event could not be appended.
public enum OutboxError: Error, Equatable {
    /// The audit service is more events behind than the configured limit: answer 503 with `Retry-After`.
    case full
    /// The event breaks a rule of ``EventLimits``.
    case invalid(EventError)
    case storage(SQLiteError)
    /// What the file says of its streams is not what this program writes.
    case damaged
}
