public import Bytes

/// A field name, kept in lower case; names compare without regard to case (RFC 9110 §5.1).
public struct HeaderName: Hashable, Sendable {
    /// The name in lower case.
    public let bytes: [UInt8]

    /// Nil unless `name` is a token.
    public init?(_ name: Span<UInt8>) {
        guard name.count > 0 else { return nil }
        var lower: [UInt8] = []
        lower.reserveCapacity(name.count)
        for index in name.indices {
            guard Grammar.isTokenByte(name[index]) else { return nil }
            lower.append(name[index].lowercased)
        }
        bytes = lower
    }

    public init?(_ name: String) { self.init(name.utf8.span) }

    /// Whether `name`, in any case, is this name.
    @inlinable
    public func matches(_ name: Span<UInt8>) -> Bool {
        guard name.count == bytes.count else { return false }
        let own = bytes.span
        for index in own.indices where name[index].lowercased != own[index] { return false }
        return true
    }
}

extension HeaderName: ExpressibleByStringLiteral {
    public init(stringLiteral name: StaticString) {
        guard let valid = HeaderName(name.description) else { preconditionFailure("not a field name: \(name)") }
        self = valid
    }
}

extension HeaderName: CustomStringConvertible {
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}

extension HeaderName {
    public static let accept: HeaderName = "accept"
    public static let allow: HeaderName = "allow"
    public static let authorization: HeaderName = "authorization"
    public static let cacheControl: HeaderName = "cache-control"
    public static let connection: HeaderName = "connection"
    public static let contentLength: HeaderName = "content-length"
    public static let contentType: HeaderName = "content-type"
    public static let date: HeaderName = "date"
    public static let etag: HeaderName = "etag"
    public static let expect: HeaderName = "expect"
    public static let forwardedFor: HeaderName = "x-forwarded-for"
    public static let host: HeaderName = "host"
    public static let ifMatch: HeaderName = "if-match"
    public static let ifNoneMatch: HeaderName = "if-none-match"
    public static let keepAlive: HeaderName = "keep-alive"
    public static let location: HeaderName = "location"
    public static let origin: HeaderName = "origin"
    public static let proxyAuthenticate: HeaderName = "proxy-authenticate"
    public static let proxyConnection: HeaderName = "proxy-connection"
    public static let retryAfter: HeaderName = "retry-after"
    public static let te: HeaderName = "te"
    public static let traceparent: HeaderName = "traceparent"
    public static let tracestate: HeaderName = "tracestate"
    public static let trailer: HeaderName = "trailer"
    public static let transferEncoding: HeaderName = "transfer-encoding"
    public static let upgrade: HeaderName = "upgrade"
    public static let userAgent: HeaderName = "user-agent"
}
