public import JSON

/// Why a document isn't accepted as an identity-based policy. What isn't implemented is refused by name, never ignored: a policy that
/// means less than it says is a hole.
public enum PolicyError: Error, Equatable, Sendable {
    case syntax(JSONError)
    /// Characters without white space, against the limit.
    case tooLong(Int, limit: Int)
    /// A value of the wrong kind, or an element that this place doesn't have.
    case unexpected(String)
    case missingEffect
    case missingActions
    case missingResources
    /// Both of a pair that excludes itself, e.g. `Action` and `NotAction`.
    case both(String, String)
    case invalidAction(String)
    case invalidResource(String)
    /// In bytes.
    case resourceTooLong(limit: Int)
    case invalidStatementID(String)
    case duplicateStatementID(String)
    /// `Principal` or `NotPrincipal`, which identity-based policies can't have.
    case principal
    case conditionUnsupported
    case variableUnsupported(String)
    case tooManyStatements(limit: Int)

    /// In IAM's words where it has some.
    public var message: String {
        switch self {
        case .syntax(let error): "Syntax errors in policy: \(error)."
        case .tooLong(_, let limit): "Cannot exceed quota for PolicySize: \(limit)"
        case .unexpected(let what): "Syntax errors in policy: \(what)."
        case .missingEffect: "Policy statement must contain an Effect of Allow or Deny."
        case .missingActions: "Policy statement must contain actions."
        case .missingResources: "Policy statement must contain resources."
        case .both(let one, let other): "Syntax errors in policy: a statement can't have both \(one) and \(other)."
        case .invalidAction(let text): "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.: \(text)"
        case .invalidResource(let text): "Resource \(text) must be in ARN format or \"*\"."
        case .resourceTooLong(let limit): "A resource can't be longer than \(limit) bytes."
        case .invalidStatementID: "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"
        case .duplicateStatementID: "Statement IDs (SID) in a single policy must be unique."
        case .principal: "Policy document should not specify a principal."
        case .conditionUnsupported: "Condition is not supported by this service; the policy is refused rather than its condition ignored."
        case .variableUnsupported(let text): "Policy variables are not supported by this service: \(text)"
        case .tooManyStatements(let limit): "A policy can't have more than \(limit) statements."
        }
    }
}
