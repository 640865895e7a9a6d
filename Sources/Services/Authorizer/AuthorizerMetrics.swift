internal import Observability
internal import Policies

/// All metrics of the authorizer.
struct AuthorizerMetrics: Sendable {
    let policies: Counter
    let signingKeys: Counter
    let queryActions: Counter
    private let decisions: [Decision: Counter]

    init(_ registry: MetricsRegistry) {
        policies = registry.counter("strongroom_authorizer_policies_total", help: "Policy documents handed to the gateway.")
        signingKeys = registry.counter("strongroom_authorizer_signing_keys_total", help: "Signing keys handed to the gateway.")
        queryActions = registry.counter("strongroom_authorizer_query_actions_total", help: "IAM and STS calls that were carried out.")
        var decisions: [Decision: Counter] = [:]
        for decision in Decision.allCases {
            decisions[decision] = registry.counter(
                "strongroom_authorizer_decisions_total", help: "Decisions asked for, by outcome.", labels: MetricLabel("decision", decision.rawValue))
        }
        self.decisions = decisions
    }

    func count(_ decision: Decision) { decisions[decision]?.increment() }
}
