extension EventError {
    /// Every name there is, for metrics.
    public static let names = ["malformed", "too-large", "invalid", "unknown-key", "forged", "foreign-source"]

    /// A word for logs, metrics and dead letters.
    public var name: String {
        switch self {
        case .malformed: "malformed"
        case .tooLarge: "too-large"
        case .invalid: "invalid"
        case .unknownKey: "unknown-key"
        case .forged: "forged"
        case .foreignSource: "foreign-source"
        }
    }
}
