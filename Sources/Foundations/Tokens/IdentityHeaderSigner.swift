public import Contracts
import Crypto
public import Encodings

/// Makes identity headers for one service: compact JWS, HS256 under the key the gateway shares with that service, bound to one request.
public struct IdentityHeaderSigner: Sendable {
    /// Longest lifetime of an identity header, in seconds.
    public static let maximumLifetime: Int64 = 60

    private let key: IdentityKey
    private let lifetime: Int64
    /// `{"iss":…,"aud":…,`
    private let opening: [UInt8]

    /// - Parameters:
    ///   - issuer: the gateway's id.
    ///   - lifetime: seconds from signing to expiry, at most `maximumLifetime`.
    public init(issuer: String, audience: ServiceName, key: IdentityKey, lifetime: Int64 = maximumLifetime) {
        precondition((1...Self.maximumLifetime).contains(lifetime), "an identity header lives for at most a minute")
        self.key = key
        self.lifetime = lifetime
        var members = ClaimWriter()
        members.text(.issuer, issuer)
        members.text(.audience, audience.rawValue)
        opening = [UInt8(ascii: "{")] + members.bytes
    }

    /// Appends the header's value.
    /// - Parameters:
    ///   - method: the request's HTTP method.
    ///   - target: the bytes of the request's `CanonicalTarget`.
    ///   - source: the client's address.
    public func append(
        _ identity: PreparedIdentity, requestID: UUID, source: String?, method: String, target: Span<UInt8>, at now: Timestamp,
        to output: inout [UInt8]
    ) {
        var claims = ClaimWriter(reserving: opening.count + identity.claims.count + 256)
        claims.fragment(opening)
        claims.fragment(identity.claims)
        if let source { claims.text(.source, source) }
        claims.requestID(requestID)
        claims.text(.httpMethod, method)
        claims.digest(.httpTarget, SHA256.hash(target))
        claims.seconds(.issuedAt, now.seconds)
        claims.seconds(.expiresAt, now.seconds + lifetime)
        claims.close()

        let start = output.count
        output.append(contentsOf: key.header)
        Base64URL.encode(claims.bytes.span, into: &output)
        let code = key.code.code(for: output.span.extracting(start..<output.count))
        output.append(UInt8(ascii: "."))
        code.withSpan { Base64URL.encode($0, into: &output) }
    }

    public func header(
        for identity: PreparedIdentity, requestID: UUID, source: String?, method: String, target: CanonicalTarget, at now: Timestamp
    ) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(key.header.count + (opening.count + identity.claims.count + 320) * 4 / 3)
        append(identity, requestID: requestID, source: source, method: method, target: target.bytes.span, at: now, to: &output)
        return output
    }
}
