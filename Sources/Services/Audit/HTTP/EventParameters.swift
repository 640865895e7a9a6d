internal import Contracts
internal import Encodings

/// The query of `GET /audit/events`. Each name at most once but `waitFor`, none empty, none that we don't know: a filter that is misspelt and
/// therefore left out would show more than was asked for.
struct EventParameters: Equatable {
    /// Positions a query may wait for.
    static let maximumPositions = 16

    private(set) var query = EventQuery()
    private(set) var nextToken: String?
    private(set) var positions: [StreamPosition] = []

    init(_ text: [UInt8]?, tenant: String) throws(AuditError) {
        var seen: Set<String> = []
        for item in try QueryItem.parse(text) {
            guard seen.insert(item.name).inserted || item.name == "waitFor" else { throw .invalid("\(item.name) is repeated") }
            guard !item.value.isEmpty, item.value.utf8.count <= EventLimits.maximumTextBytes * 2 else {
                throw .invalid("\(item.name) is empty or too long")
            }
            try take(item, tenant)
        }
        if let from = query.filter.from, let to = query.filter.to, from >= to { throw .invalid("from must be before to") }
    }

    private mutating func take(_ item: QueryItem, _ tenant: String) throws(AuditError) {
        switch item.name {
        case "user": query.filter.user = item.value
        case "note": query.filter.note = item.value
        case "action": query.filter.action = item.value
        case "sourceAddress": query.filter.sourceAddress = item.value
        case "outcome":
            guard let outcome = EventOutcome(name: item.value) else { throw .invalid("outcome must be accepted or refused") }
            query.filter.outcome = outcome
        case "from": query.filter.from = try Self.time(item)
        case "to": query.filter.to = try Self.time(item)
        case "order":
            guard let order = EventOrder(rawValue: item.value) else { throw .invalid("order must be newest or oldest") }
            query.order = order
        case "limit":
            guard let limit = Int(item.value), "\(limit)" == item.value, (1...PageLimits.maximumEvents).contains(limit) else {
                throw .invalid("limit must be a number from 1 to \(PageLimits.maximumEvents)")
            }
            query.limit = limit
        case "nextToken": nextToken = item.value
        case "waitFor":
            for text in item.value.split(separator: ",", omittingEmptySubsequences: false) {
                guard let position = StreamPosition(headerValue: String(text), tenant: tenant) else {
                    throw .invalid("waitFor must be positions as x-strongroom-audit-position gives them")
                }
                positions.append(position)
            }
            guard positions.count <= Self.maximumPositions else { throw .invalid("waitFor has more than \(Self.maximumPositions) positions") }
        default:
            throw .invalid(
                "The parameters are user, note, action, outcome, sourceAddress, from, to, order, limit, nextToken and waitFor")
        }
    }

    private static func time(_ item: QueryItem) throws(AuditError) -> Timestamp {
        guard let time = Timestamp.parse(iso8601: item.value) else {
            throw .invalid("\(item.name) must be a time such as 2026-04-24T10:00:00Z")
        }
        return time
    }

    /// Where the page begins, from the token.
    func after(_ cursors: EventCursors, _ query: EventQuery, for reader: AuditCaller) throws(AuditError) -> EventCursor? {
        guard let nextToken else { return nil }
        return try cursors.cursor(in: nextToken, of: query, for: reader)
    }
}
