internal import Contracts
internal import Encodings

/// Which events a query asks for: all that are given must hold.
struct EventFilter: Equatable, Sendable {
    /// The actor: a user's id, or a principal's ARN.
    var user: String?
    var note: String?
    var action: String?
    var outcome: EventOutcome?
    var sourceAddress: String?
    /// The earliest time, included.
    var from: Timestamp?
    /// The latest time, excluded.
    var to: Timestamp?

    /// The names of what is given; what an event about the query tells of it.
    var names: [String] {
        [
            ("user", user != nil), ("note", note != nil), ("action", action != nil), ("outcome", outcome != nil),
            ("sourceAddress", sourceAddress != nil), ("from", from != nil), ("to", to != nil),
        ].filter(\.1).map(\.0)
    }
}
