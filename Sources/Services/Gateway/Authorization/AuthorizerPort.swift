import Crypto
import Encodings
import Observability
import Policies
import SigV4

/// What the gateway asks of the authorizer service.
struct AuthorizerPort: Sendable {
    struct PolicyQuery: Hashable, Sendable {
        let api: String
        let stage: String
        let authorizer: String
        let tenant: String
        /// Sorted, each once.
        let groups: [String]
        let roles: [String]

        // The others are the same for most.
        func hash(into hasher: inout Hasher) {
            hasher.combine(tenant)
            hasher.combine(groups)
        }
    }

    struct PolicyAnswer: Sendable {
        /// Seconds; 0 is not to be kept.
        let ttl: Int
        let document: PolicyDocument
    }

    struct KeyQuery: Hashable, Sendable {
        let accessKeyID: [UInt8]
        let scope: CredentialScope
    }

    struct KeyAnswer: Sendable {
        let key: SigningKey
        /// The ARN of whose key it is.
        let principal: String
        let account: String
        let userID: String
    }

    enum Failure: Error, Equatable {
        /// Nothing to sign the question with.
        case noCredentials
        /// It doesn't take the gateway for the gateway, or has an error of its own: the status.
        case refused(Int)
        /// No answer in time: the cause.
        case unavailable(String)
        /// An answer that is none.
        case malformed
        /// It wasn't asked: too much else is.
        case tooMany
    }

    // The request is the one that asks, whose trace the question belongs to.
    var policy: @Sendable (PolicyQuery, RequestEvent?) async throws(Failure) -> PolicyAnswer
    /// Nil where nobody has the access key.
    var signingKey: @Sendable (KeyQuery, RequestEvent?) async throws(Failure) -> KeyAnswer?
    var decision: @Sendable (_ principal: String, _ action: String, _ resource: String, RequestEvent?) async throws(Failure) -> Decision
    /// Returns as soon as the number of changes is other than `after`, or after some twenty seconds.
    var generation: @Sendable (_ after: UInt64) async throws(Failure) -> UInt64
}
