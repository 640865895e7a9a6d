/// A query as it is carried out: for whom it may be is decided before.
struct EventQuery: Equatable, Sendable {
    var filter = EventFilter()
    var order = EventOrder.newest
    var limit = PageLimits.standardEvents
    /// The leaf after which the page begins.
    var after: Int64?
}
