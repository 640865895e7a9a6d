internal import Contracts
internal import Encodings
internal import HTTP
internal import Transport

/// The query of `GET /audit/events`. Each name at most once but `waitFor`, none empty, none that we don't know: a filter that is misspelt and
/// therefore left out would show more than was asked for. One whose value no event can have would show that nothing ever happened.
struct EventParameters: Equatable {
    /// Positions a query may wait for.
    static let maximumPositions = 16

    private(set) var query = EventQuery()
    private(set) var nextToken: String?
    private(set) var positions: [StreamPosition] = []

    init(_ text: [UInt8]?, tenant: String) throws(AuditError) {
        var seen: Set<String> = []
        guard let items = QueryItem.parse(text) else { throw .invalid("The query is malformed") }
        for item in items {
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
        case "action":
            guard RecordedActions.all.contains(item.value) else {
                throw .invalid("action must be one of \(RecordedActions.all.joined(separator: ", "))")
            }
            query.filter.action = item.value
        case "sourceAddress": query.filter.sourceAddress = try Self.address(item)
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
                    throw .invalid("waitFor must be positions as \(HeaderNames.auditPosition) gives them")
                }
                positions.append(position)
            }
            guard positions.count <= Self.maximumPositions else { throw .invalid("waitFor has more than \(Self.maximumPositions) positions") }
        default:
            throw .invalid(
                "The parameters are user, note, action, outcome, sourceAddress, from, to, order, limit, nextToken and waitFor")
        }
    }

    /// In the one spelling of it that events have.
    private static func address(_ item: QueryItem) throws(AuditError) -> String {
        guard let address = SocketAddress(host: item.value, port: 0) else {
            throw .invalid("sourceAddress must be an IPv4 or IPv6 address such as 192.0.2.7 or 2001:db8::7")
        }
        return address.host
    }

    private static func time(_ item: QueryItem) throws(AuditError) -> Timestamp {
        // RFC 3339 §5.6: T and Z may be lower-case.
        guard let time = Timestamp.parse(iso8601: item.value.uppercased()) else {
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
