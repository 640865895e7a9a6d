/// Where a query goes on, and where it ends.
struct EventCursor: Equatable, Sendable {
    /// Names the log: one that was restored has its leaves in another order. 0 before its first query.
    let log: UInt64
    /// Everything up to this leaf, in the order of the query, was looked at.
    let leaf: Int64
    /// The last leaf of the log as the query's first page saw it. Each page is recorded in the log, so a query that went to where the log
    /// ends by then would find its own pages there, for ever.
    let head: Int64
}
