/// How much one answer, and one turn of a reading thread, may be.
struct PageLimits: Sendable {
    static let maximumEvents = 1_000
    static let standardEvents = 50

    /// Bytes of an answer's events; one event is always whole.
    var pageBytes = 1 << 20
    /// Rows that one turn of a reading thread looks at, so that other tenants get their turn.
    var turnRows = 20_000
    /// Rows that one query looks at; what is left is for the next.
    var queryRows = 200_000
}
