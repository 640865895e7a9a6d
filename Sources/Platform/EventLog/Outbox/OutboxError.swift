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

    /// What a service throws on: SQLite's own error where that is behind it, since the group commit has to see a full disk as one.
    public var cause: any Error { if case .storage(let cause) = self { cause } else { self } }
}
