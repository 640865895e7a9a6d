import Policies

/// A policy document as it is kept: narrowed to `execute-api:Invoke`, to be evaluated against each request's own ARN. Verdicts are not kept.
final class PolicyEntry: Sendable {
    let query: AuthorizerPort.PolicyQuery
    let compiled: CompiledPolicy
    /// What was known of changes when it was asked for.
    let epoch: PolicyEpoch
    /// Monotonic milliseconds.
    let fetchedAt: Int64
    let expiresAt: Int64

    init(query: AuthorizerPort.PolicyQuery, compiled: CompiledPolicy, epoch: PolicyEpoch, fetchedAt: Int64, expiresAt: Int64) {
        self.query = query
        self.compiled = compiled
        self.epoch = epoch
        self.fetchedAt = fetchedAt
        self.expiresAt = expiresAt
    }
}

/// A state of the routes and of the authorizer's policies; what was decided on in one says nothing in another.
struct PolicyEpoch: Hashable, Sendable {
    /// Of the route table.
    let routes: UInt64
    /// Of the authorizer, counted here: its own number could start again.
    let policies: UInt64
}
