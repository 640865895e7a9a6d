internal import Contracts

/// What services share keys in pairs for.
public enum SharedKeyKind: String, CaseIterable, Sendable {
    /// Access keys for calls from one service to another.
    case call
    /// The gateway's identity headers for one service.
    case identity
    /// One source's events, for audit.
    case event

    /// Who signs and who verifies.
    var pairs: [(signer: ServiceName, verifier: ServiceName)] {
        let all = ServiceName.allCases
        return switch self {
        case .call: all.flatMap { caller in caller.callees.map { (caller, $0) } }
        case .identity: all.filter(\.takesIdentities).map { (.gateway, $0) }
        case .event: all.filter(\.isEventSource).map { ($0, .audit) }
        }
    }

    /// Seconds for which a replaced key is still needed. A call is under way for a minute at most, and an identity holds for one; an event that was
    /// signed with an old key may be asked for again while its source keeps it, a week past audit's mark, and a backup of audit may be restored for as long.
    public var overlap: Int64 {
        switch self {
        case .call, .identity: 120
        case .event: 8 * 86_400
        }
    }
}
