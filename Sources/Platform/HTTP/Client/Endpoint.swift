public import Transport

/// Where a client connects to. An object, since it is handed on with every request.
public final class Endpoint: Hashable, Sendable {
    /// How a connection is secured: TLS to a server whose certificate is good for a name.
    public struct Security: Sendable {
        let context: TLSClientContext
        /// What the server's certificate must be good for, whatever address it is reached at.
        let name: String

        public init(_ context: TLSClientContext, name: String) {
            self.context = context
            self.name = name
        }
    }

    /// A name or a numeric address (an IPv6 one without brackets).
    public let host: String
    public let port: UInt16
    /// What goes into `Host`: the port is left out where it is the scheme's (RFC 9110 §4.2.1, §4.2.2).
    let authority: [UInt8]
    /// Nil is in the clear.
    public let security: Security?

    public init(host: String, port: UInt16, security: Security? = nil) {
        self.security = security
        self.host = host
        self.port = port
        let name = host.contains(":") ? "[\(host)]" : host
        authority = Array((port == (security == nil ? 80 : 443) ? name : "\(name):\(port)").utf8)
    }

    public static func == (a: Endpoint, b: Endpoint) -> Bool {
        a === b || a.port == b.port && a.host == b.host && a.security?.name == b.security?.name && a.security?.context === b.security?.context
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(host)
        hasher.combine(port)
    }
}

extension Endpoint: CustomStringConvertible {
    public var description: String { String(decoding: authority, as: UTF8.self) }
}
