/// How a path enters the canonical request.
public enum PathStyle: Sendable {
    /// Dot segments and empty segments removed, then every byte but the unreserved ones and `/` escaped, the `%` of existing
    /// escapes too. What every AWS SDK does for every service but S3, and what our verifiers expect: the input is the path as it
    /// stands in the request line, so a signer that signs the path it sends agrees with us whatever it escaped.
    case normalised
    /// The path as sent (S3).
    case asSent
}
