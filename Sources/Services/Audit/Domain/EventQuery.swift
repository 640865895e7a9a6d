/// A query as it is carried out: for whom it may be is decided before.
struct EventQuery: Equatable, Sendable {
    var filter = EventFilter()
    var order = EventOrder.newest
    var limit = PageLimits.standardEvents
    /// Where the page begins; nil for a query's first.
    var after: EventCursor?
}
