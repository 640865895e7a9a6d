import Contracts
import Observability

/// Asks whether a principal may do something: the authorizer's decision in a cluster, a table in tests.
struct PermissionCheck: Sendable {
    enum Decision: String, Sendable {
        case allow, explicitDeny, implicitDeny
    }

    /// Principal, action and resource, as ARNs, and the request that asks; throws where no decision can be had.
    let decide: @Sendable (_ principal: String, _ action: String, _ resource: String, _ cause: RequestEvent?) async throws -> Decision

    /// Throws unless the caller signed its request and is allowed the operation on the resource.
    func require(_ operation: Operation, on resource: String, by call: APICall) async throws {
        try await require(action: "cognito-idp:\(operation.rawValue)", on: resource, by: call)
    }

    func require(action: String, on resource: String, by call: APICall) async throws {
        guard call.caller.method == .iam, let principal = call.caller.principal else {
            throw IdentityError(.missingAuthentication, "Missing Authentication Token")
        }
        let refusal = "User: \(principal) is not authorized to perform: \(action) on resource: \(resource)"
        switch try await decide(principal, action, resource, call.event) {
        case .allow: return
        case .explicitDeny: throw IdentityError(.accessDenied, "\(refusal) with an explicit deny in an identity-based policy")
        case .implicitDeny: throw IdentityError(.accessDenied, "\(refusal) because no identity-based policy allows the \(action) action")
        }
    }
}
