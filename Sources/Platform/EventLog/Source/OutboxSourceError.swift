/// Why a source could not answer. The relay and audit try again later.
public enum OutboxSourceError: Error, Equatable {
    /// A file could not be read or written just now.
    case unavailable
    /// The text of a page's `after` is not one that this source gave out.
    case invalidCursor
}
