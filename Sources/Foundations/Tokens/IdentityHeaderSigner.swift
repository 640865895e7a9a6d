public import Contracts
import Crypto
public import Encodings

/// Makes identity headers for one service: compact JWS, HS256 under the key the gateway shares with that service, bound to one request.
public final class IdentityHeaderSigner: Sendable {
    /// Longest lifetime of an identity header, in seconds.
    public static let maximumLifetime: Int64 = 60

    let audience: ServiceName
    private let key: IdentityKey
    private let lifetime: Int64
    /// `{"iss":…,"aud":…,`
    private let members: [UInt8]

    /// - Parameters:
    ///   - issuer: the gateway's id.
    ///   - lifetime: seconds from signing to expiry, at most `maximumLifetime`.
    public init(issuer: String, audience: ServiceName, key: IdentityKey, lifetime: Int64 = maximumLifetime) {
        precondition((1...Self.maximumLifetime).contains(lifetime), "an identity header lives for at most a minute")
        self.audience = audience
        self.key = key
        self.lifetime = lifetime
        var members = ClaimWriter()
        members.text(.issuer, issuer)
        members.text(.audience, audience.rawValue)
        self.members = [UInt8(ascii: "{")] + members.bytes
    }

    /// What is the same in every header about one caller.
    final class Opening: Sendable {
        let signer: IdentityHeaderSigner
        /// The first part, its dot, and of the claims those about the caller, as far as they fill groups of three bytes, which base64 encodes on their own.
        let text: [UInt8]
        /// The byte or two of the claims behind `text`.
        let rest: [UInt8]
        /// What signs all that follows `text`.
        let code: HMACSHA256

        init(_ caller: CallerIdentity, by signer: IdentityHeaderSigner) {
            self.signer = signer
            var claims = ClaimWriter(reserving: signer.members.count + 320)
            claims.fragment(signer.members)
            claims.caller(caller)
            let whole = claims.bytes.count / 3 * 3
            var text = signer.key.header
            Base64URL.encode(claims.bytes.span.extracting(0..<whole), into: &text)
            self.text = text
            rest = Array(claims.bytes[whole...])
            code = signer.key.code.after(text.span)
        }
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
        let opening = identity.opening(by: self)
        var claims = ClaimWriter(reserving: 256)
        claims.fragment(opening.rest)
        if let source { claims.text(.source, source) }
        claims.requestID(requestID)
        claims.text(.httpMethod, method)
        claims.digest(.httpTarget, SHA256.hash(target))
        claims.seconds(.issuedAt, now.seconds)
        claims.seconds(.expiresAt, now.seconds + lifetime)
        claims.close()

        output.append(contentsOf: opening.text)
        let start = output.count
        Base64URL.encode(claims.bytes.span, into: &output)
        let code = opening.code.code(for: output.span.extracting(start...))
        output.append(UInt8(ascii: "."))
        code.withSpan { Base64URL.encode($0, into: &output) }
    }

    public func header(
        for identity: PreparedIdentity, requestID: UUID, source: String?, method: String, target: CanonicalTarget, at now: Timestamp
    ) -> [UInt8] {
        var output: [UInt8] = []
        append(identity, requestID: requestID, source: source, method: method, target: target.bytes.span, at: now, to: &output)
        return output
    }
}
