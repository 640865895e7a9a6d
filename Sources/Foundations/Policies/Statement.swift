/// One statement of a policy.
public struct Statement: Sendable, Equatable {
    public enum Effect: String, Sendable {
        case allow = "Allow"
        case deny = "Deny"
    }

    public let effect: Effect
    public let actions: Selection<ActionPattern>
    public let resources: Selection<ResourcePattern>

    /// What a statement is about: all that match one of the patterns, or all that match none.
    public struct Selection<Pattern: Sendable & Equatable>: Sendable, Equatable {
        public let patterns: [Pattern]
        /// True for `NotAction` and `NotResource`.
        public let isNegated: Bool

        public init(_ patterns: [Pattern], isNegated: Bool = false) {
            self.patterns = patterns
            self.isNegated = isNegated
        }
    }

    public init(effect: Effect, actions: Selection<ActionPattern>, resources: Selection<ResourcePattern>) {
        self.effect = effect
        self.actions = actions
        self.resources = resources
    }

    func speaksOf(lowercasedAction action: Span<UInt8>, _ index: inout TextIndex) -> Bool {
        for pattern in actions.patterns where pattern.matches(lowercased: action, &index) { return !actions.isNegated }
        return actions.isNegated
    }

    func speaksOf(resource: Span<UInt8>, _ arn: ARNParts?, _ index: inout TextIndex) -> Bool {
        for pattern in resources.patterns where pattern.matches(resource, arn, &index) { return !resources.isNegated }
        return resources.isNegated
    }
}
