/// How an attempt ended. Raw values are those of `Outcome` in `event.proto`.
public enum EventOutcome: UInt8, Sendable, CaseIterable {
    case accepted = 1
    case refused = 2

    /// The word in the API's JSON and filters.
    public var name: String {
        switch self {
        case .accepted: "accepted"
        case .refused: "refused"
        }
    }

    public init?(name: String) {
        guard let outcome = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = outcome
    }
}
