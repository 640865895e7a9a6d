import Bytes
import Crypto
public import Encodings
import Synchronization

/// Signs requests to one service with one access key. The day's signing key is derived once and kept.
public final class Signer: Sendable {
    public let credentials: Credentials
    let region: String
    let service: String
    private let today: Mutex<SigningKey?> = Mutex(nil)

    public init(credentials: Credentials, region: String, service: String) {
        self.credentials = credentials
        self.region = region
        self.service = service
    }

    /// The value of `Authorization`. The fields must hold all that is to be signed, `x-amz-date` with `date` and, for temporary
    /// credentials, `x-amz-security-token` among them.
    /// - Parameters:
    ///   - signedHeaders: lower-case names, sorted, with `;` between them; each must be among the fields.
    ///   - payloadHash: lower-case hex of the body's SHA-256, or one of the words AWS defines in its place.
    /// - Returns: nil if a signed header is absent.
    public func authorization(
        method: Span<UInt8>, target: Span<UInt8>, fields: borrowing some SignableFields, signedHeaders: Span<UInt8>, payloadHash: Span<UInt8>,
        date: Timestamp
    ) -> [UInt8]? {
        guard
            let request = CanonicalRequest(
                method: method, target: target, fields: fields, signedHeaders: signedHeaders, payloadHash: payloadHash)
        else { return nil }
        let key = key(for: date)
        let signature = StringToSign(date: date, scope: key.scope, requestHash: request.hash).signature(under: key)
        var value: [UInt8] = []
        value.reserveCapacity(256)
        value.append(contentsOf: StringToSign.algorithm)
        value.append(" Credential=")
        value.append(credentials.accessKeyID)
        value.append(UInt8(ascii: "/"))
        key.scope.append(to: &value)
        value.append(", SignedHeaders=")
        value.append(signedHeaders)
        value.append(", Signature=")
        signature.withSpan { Hex.encode($0, into: &value) }
        return value
    }

    /// The names of `fields`, lower-case, sorted, each once, with `;` between them. What a proxy may add or change on the way isn't signed.
    public static func signedHeaders(of fields: borrowing some SignableFields) -> [UInt8] {
        var names: Set<[UInt8]> = []
        fields.forEachField { name, _ in
            var lower: [UInt8] = []
            for index in name.indices { lower.append(name[index].lowercased) }
            if !unsigned.contains(lower) { names.insert(lower) }
        }
        return Array(names.sorted { $0.lexicographicallyPrecedes($1) }.joined(separator: [UInt8(ascii: ";")]))
    }

    private static let unsigned: Set<[UInt8]> = Set(
        [
            "authorization", "connection", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer",
            "transfer-encoding", "upgrade", "user-agent", "x-amzn-trace-id",
        ].map { Array($0.utf8) })

    func key(for date: Timestamp) -> SigningKey {
        let scope = CredentialScope(date: date, region: region, service: service)
        return today.withLock { kept in
            if let kept, kept.scope == scope { return kept }
            let fresh = SigningKey(secret: credentials.secretAccessKey.utf8.span, scope: scope)
            kept = fresh
            return fresh
        }
    }
}
