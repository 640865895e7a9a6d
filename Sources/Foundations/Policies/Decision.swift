/// The outcome of evaluating policies. A request goes through only on `allow`.
public enum Decision: String, Sendable, Equatable, CaseIterable {
    case allow
    /// A statement denies it; no other statement can allow it.
    case explicitDeny
    /// No statement speaks of it.
    case implicitDeny
}
