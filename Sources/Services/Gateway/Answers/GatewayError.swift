/// Every way in which the gateway itself answers a request, with the exact bytes of API Gateway's REST APIs where it has such an answer.
enum GatewayError: Error, Equatable, Sendable {
    /// The request can't be read one way only: an ambiguous target, a repeated Authorization or Host, a broken body.
    case badRequest
    /// The request breaks the protocol, in a way that has a status of its own.
    case malformed(Int, String)
    /// Request line and headers beyond 10,240 bytes.
    case headersTooLarge
    /// The method ARN would be longer than 1,600 bytes.
    case targetTooLong
    /// A body beyond 10 MB.
    case bodyTooLarge
    /// No route, or no credential on an `AWS_IAM` route.
    case missingAuthenticationToken
    /// An Authorization header that is no SigV4 signature where one is needed; the sentence names what is wrong with it.
    case incompleteSignature(String)
    /// A signature that does not verify; the sentence says why, as far as the caller may know.
    case invalidSignature(String)
    /// An access key that does not exist.
    case unrecognizedClient
    case unauthorized
    /// A pool's own token, past its `exp`.
    case tokenExpired
    /// HTTP API's `jwt` authorizer refused the token; nil where there was none.
    case invalidBearerToken(String?)
    /// HTTP API's `jwt` authorizer: the token has none of these scopes.
    case insufficientScope([String])
    /// Behind HTTP API's `jwt` authorizer: a policy does not let the caller.
    case forbidden
    case explicitlyDenied
    /// An `AWS_IAM` caller whose policies do not let it; the sentence names both.
    case notAuthorized(String)
    case implicitlyDenied
    /// The authorizer, or the keys of a pool, can't be had: nothing is forwarded, and they will be back.
    case authorizerFailure
    /// The authorizer answered something that is no policy.
    case authorizerConfiguration
    /// The service did not answer within the route's time.
    case integrationTimeout
    /// A server outside the cluster can't be reached, or a connection ended before the answer: nobody knows what was done.
    case integrationUnreachable
    /// A service of the cluster can't be reached: nothing was sent, and it will be back.
    case serviceAway
    /// The service's answer can't be read.
    case integrationMalformed
    /// Too many request bodies are held at once.
    case overloaded
    /// The caller asks more often than one caller may, or holds too much at a time.
    case throttled
    /// The gateway is not ready, or draining.
    case unavailable
}
