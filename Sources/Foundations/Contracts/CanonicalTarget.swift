/// The one spelling of a request target that routing, the method ARN, the identity header and the forwarded request share.
///
/// Two targets that any reader could take for the same resource have the same canonical bytes; a target that two readers could take
/// for different resources has none and is refused. In the path every escape of a character that may stand unescaped is decoded
/// (RFC 3986 §6.2.2.2, widened from the unreserved characters to all of `pchar`, since nothing behind the gateway gives
/// sub-delimiters a meaning); in the query only escapes of unreserved characters are. Remaining escapes are upper-case.
/// A query that is empty is dropped with its `?`.
///
/// The identity header's `hpt` is the SHA-256 of `bytes`: path, `?` and query where there is one.
public struct CanonicalTarget: Hashable, Sendable {
    /// Bytes of the longest target that is read, before canonicalisation (which never lengthens it).
    public static let maximumLength = 8_192

    /// The path, then `?` and the query if there is one. ASCII.
    public let bytes: [UInt8]
    /// How many of `bytes` are the path.
    public let pathCount: Int

    /// Canonicalises the target of a request line.
    /// - Parameters:
    ///   - target: the raw bytes between the two spaces of the request line, or HTTP/2's `:path`.
    ///   - host: the value of the request's one `Host` field; what an absolute-form target's authority must equal.
    public init(_ target: Span<UInt8>, host: Span<UInt8>) throws(CanonicalTargetError) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(target.count)
        pathCount = try Self.append(target, host: host, to: &bytes)
        self.bytes = bytes
    }

    /// Canonicalises an origin-form target, as clients and tests of our own write it.
    public init(_ target: String) throws(CanonicalTargetError) {
        let utf8 = Array(target.utf8)
        guard utf8.first == UInt8(ascii: "/") else { throw .notOriginForm }
        try self.init(utf8.span, host: [UInt8]().span)
    }

    /// Appends the canonical bytes to `output`, which stays unspecified past its old end when this throws.
    /// - Returns: how many of the appended bytes are the path.
    public static func append(
        _ target: Span<UInt8>, host: Span<UInt8>, to output: inout [UInt8]
    ) throws(CanonicalTargetError) -> Int {
        guard target.count <= maximumLength else { throw .tooLong }
        guard target.count > 0 else { throw .notOriginForm }
        var canonicaliser = TargetCanonicaliser(start: output.count)
        let path = target[0] == UInt8(ascii: "/") ? 0 : try TargetCanonicaliser.endOfAuthority(target, host: host)
        return try canonicaliser.run(target.extracting(path...), into: &output)
    }

    public var hasQuery: Bool { pathCount < bytes.count }

    /// The path as text. For logs and tests: the hot path reads `bytes`.
    public var path: String { String(decoding: bytes[..<pathCount], as: UTF8.self) }

    /// The query as text, without its `?`; nil where there is none.
    public var query: String? { hasQuery ? String(decoding: bytes[(pathCount + 1)...], as: UTF8.self) : nil }
}
