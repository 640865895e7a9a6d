public import Contracts
import Crypto
public import Encodings

/// Verifies the identity headers made for one service.
public struct IdentityHeaderVerifier: Sendable {
    /// Longest identity header that is read, in bytes.
    public static let maximumLength = JWS.maximumLength
    /// Seconds by which the gateway's clock may be ahead.
    public static let clockSkew: Int64 = 5

    private let audience: [UInt8]
    private let keys: [IdentityKey]

    /// - Parameter keys: the current key, and while keys are rotated the one before or after it. Told apart by `kid`.
    public init(audience: ServiceName, keys: [IdentityKey]) {
        self.audience = Array(audience.rawValue.utf8)
        self.keys = keys
    }

    /// Verifies all values of a request's identity header field: none is `missing`, more than one `duplicated`.
    /// - Parameters:
    ///   - method: the request's HTTP method.
    ///   - target: the bytes of the request's `CanonicalTarget`.
    public func verify(_ values: [[UInt8]], method: String, target: Span<UInt8>, at now: Timestamp) throws(TokenError) -> VerifiedIdentity {
        guard let value = values.first else { throw .missing }
        guard values.count == 1 else { throw .duplicated }
        return try verify(value.span, method: method, target: target, at: now)
    }

    /// Verifies the one value of the field.
    public func verify(_ value: Span<UInt8>, method: String, target: Span<UInt8>, at now: Timestamp) throws(TokenError) -> VerifiedIdentity {
        guard value.count <= Self.maximumLength else { throw .tooLong }
        let key = try key(for: value)
        guard let parts = CompactParts(value), let code = Base64URL.decode(value.extracting(parts.signature)) else { throw .malformed }
        guard key.code.isValid(code.span, for: value.extracting(parts.signingInput)) else { throw .badSignature }
        guard let claims = Base64URL.decode(value.extracting(parts.payload)) else { throw .malformed }
        return try read(claims.span, method: method, target: target, at: now)
    }

    /// The key whose header this is, byte for byte: `alg`, `typ` and `kid` in one comparison, and nothing else can be in it.
    private func key(for value: Span<UInt8>) throws(TokenError) -> IdentityKey {
        for key in keys where value.count > key.header.count && value.extracting(0..<key.header.count).equals(key.header.span) { return key }
        throw .unknownKey
    }

    private func read(_ bytes: Span<UInt8>, method: String, target: Span<UInt8>, at now: Timestamp) throws(TokenError) -> VerifiedIdentity {
        var reader = ClaimReader()
        var caller = CallerIdentity.anyone
        var issuer = ""
        var source: String?
        var requestID: UUID?
        var (issuedAt, expiresAt) = (Timestamp.epoch, Timestamp.epoch)
        while let claim = try reader.next(bytes) {
            switch claim {
            case .issuer: issuer = try reader.text(bytes)
            case .audience: guard bytes.extracting(try reader.quoted(bytes)).equals(audience.span) else { throw .wrongAudience }
            case .subject: caller.subject = try reader.text(bytes)
            case .tenant: caller.tenant = try reader.text(bytes)
            case .username: caller.username = try reader.text(bytes)
            case .groups: caller.groups = try reader.list(bytes)
            case .scope: caller.scopes = try reader.text(bytes).split(separator: " ").map(String.init)
            case .method:
                guard let known = CallerIdentity.Method(rawValue: try reader.text(bytes)) else { throw .malformed }
                caller.method = known
            case .principal: caller.principal = try reader.text(bytes)
            case .context: caller.context = try reader.map(bytes)
            case .source: source = try reader.text(bytes)
            case .requestID: requestID = UUID(bytes.extracting(try reader.quoted(bytes)))
            case .httpMethod: guard bytes.extracting(try reader.quoted(bytes)).equals(method.utf8.span) else { throw .wrongMethod }
            case .httpTarget: guard isDigest(bytes.extracting(try reader.quoted(bytes)), of: target) else { throw .wrongTarget }
            case .issuedAt: issuedAt = try reader.seconds(bytes)
            case .expiresAt: expiresAt = try reader.seconds(bytes)
            }
        }
        guard let requestID else { throw .malformed }
        guard expiresAt.seconds - issuedAt.seconds <= IdentityHeaderSigner.maximumLifetime else { throw .lifetimeTooLong }
        guard now < expiresAt else { throw .expired }
        guard issuedAt <= now.adding(seconds: Self.clockSkew) else { throw .notYetValid }
        return VerifiedIdentity(
            caller: caller, issuer: issuer, source: source, requestID: requestID, issuedAt: issuedAt, expiresAt: expiresAt)
    }

    private func isDigest(_ text: Span<UInt8>, of target: Span<UInt8>) -> Bool {
        var expected: [UInt8] = []
        expected.reserveCapacity(44)
        SHA256.hash(target).withSpan { Base64URL.encode($0, into: &expected) }
        return text.equals(expected.span)
    }
}
