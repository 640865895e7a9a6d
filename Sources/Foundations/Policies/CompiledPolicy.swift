internal import Bytes

/// A policy narrowed to one action: what the gateway keeps for each principal, so that a request costs nothing but its resource.
public struct CompiledPolicy: Sendable {
    private let denials: [Statement]
    private let allowances: [Statement]

    /// - Parameter action: without wildcards, e.g. `execute-api:Invoke`.
    public init(_ document: PolicyDocument, action: String) {
        let lower = action.utf8.map(\.lowercased)
        var index = TextIndex()
        let relevant = document.statements.filter { $0.speaksOf(lowercasedAction: lower.span, &index) }
        denials = relevant.filter { $0.effect == .deny }
        allowances = relevant.filter { $0.effect == .allow }
    }

    /// An explicit denial wins over any permission, and without a permission nothing is allowed.
    /// - Parameter resource: an ARN without wildcards, or `*` for actions that aren't about one resource.
    public func decide(resource: Span<UInt8>) -> Decision {
        var index = TextIndex()
        return decide(resource, &index)
    }

    /// - Parameter index: a new one.
    func decide(_ resource: Span<UInt8>, _ index: inout TextIndex) -> Decision {
        let arn = ARNParts(resource)
        for statement in denials where statement.speaksOf(resource: resource, arn, &index) { return .explicitDeny }
        for statement in allowances where statement.speaksOf(resource: resource, arn, &index) { return .allow }
        return .implicitDeny
    }
}
