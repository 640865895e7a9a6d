import Contracts
import Observability

/// What the identity service counts. Labels come from closed sets, never from tenants or users.
struct IdentityMetrics: Sendable {
    enum Outcome: String, CaseIterable, Sendable {
        case done, refused, failed
    }

    private let operations: [Operation: [Outcome: Counter]]

    init(_ registry: MetricsRegistry, passwords: ComputePool, signatures: ComputePool, erasures: ErasureDesk) {
        var operations: [Operation: [Outcome: Counter]] = [:]
        for operation in Operation.allCases {
            for outcome in Outcome.allCases {
                operations[operation, default: [:]][outcome] = registry.counter(
                    "strongroom_identity_operations_total", help: "Calls of the user pool API by how they ended.",
                    labels: MetricLabel("operation", operation.rawValue), MetricLabel("outcome", outcome.rawValue))
            }
        }
        self.operations = operations
        registry.gauge("strongroom_identity_password_hashes", help: "Password hashes that run or wait.") { Double(passwords.load) }
        registry.gauge("strongroom_identity_signatures", help: "Token signatures that run or wait.") { Double(signatures.load) }
        for reader in ErasureDesk.readers {
            registry.gauge(
                "strongroom_identity_erasures_waiting", help: "Erasures that a service has not come to yet.",
                labels: MetricLabel("reader", reader.rawValue)
            ) { Double(erasures.waiting(for: reader)) }
        }
    }

    func count(_ operation: Operation, _ outcome: Outcome) { operations[operation]?[outcome]?.increment() }
}
