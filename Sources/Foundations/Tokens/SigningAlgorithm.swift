/// The algorithms a token may be signed with (RFC 7518 §3.1). A key is for exactly one of them.
public enum SigningAlgorithm: String, Hashable, Sendable {
    case rs256 = "RS256"
    case es256 = "ES256"
}
