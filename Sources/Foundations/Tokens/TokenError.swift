/// Why a token was refused. Says what to log, never what to answer: the contracts answer most of these alike.
public enum TokenError: Error, Hashable, Sendable {
    /// Over `JWS.maximumLength`.
    case tooLong
    /// Not three canonical base64url parts, or a header or payload that is not one strict JSON object with members of the right type.
    case malformed
    /// An `alg` other than RS256 or ES256; `none` and every HMAC among them.
    case unsupportedAlgorithm
    /// A header member that changes how a token is read (`crit`, `b64`, `zip`, `enc`) or that brings its own key (`jwk`, `jku`, `x5u`, `x5c`).
    case forbiddenHeader
    /// A `typ` that stands for another kind of token.
    case wrongType
    /// No `kid`, or none that the key set holds.
    case unknownKey
    /// The token's `alg` is not the one its key is for.
    case wrongAlgorithm
    case badSignature
    case wrongIssuer
    /// Neither `aud` nor `client_id` names an accepted client; an empty `aud` is nobody's.
    case wrongAudience
    /// An id token where an access token belongs, or the other way round.
    case wrongUse
    case expired
    case notYetValid
    /// A lifetime longer than this kind of token may have.
    case lifetimeTooLong
    /// There is no identity header.
    case missing
    /// There is more than one identity header.
    case duplicated
    /// The identity header was made for another HTTP method.
    case wrongMethod
    /// The identity header was made for another path or query.
    case wrongTarget
}
