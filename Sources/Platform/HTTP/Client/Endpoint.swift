/// Where a client connects to.
public struct Endpoint: Hashable, Sendable {
    /// A name or a numeric address (an IPv6 one without brackets).
    public let host: String
    public let port: UInt16
    /// What goes into `Host`: the port is left out where it is 80 (RFC 9110 §4.2.1).
    let authority: [UInt8]

    public init(host: String, port: UInt16) {
        self.host = host
        self.port = port
        let name = host.contains(":") ? "[\(host)]" : host
        authority = Array((port == 80 ? name : "\(name):\(port)").utf8)
    }

    public static func == (a: Endpoint, b: Endpoint) -> Bool { a.port == b.port && a.host == b.host }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(host)
        hasher.combine(port)
    }
}

extension Endpoint: CustomStringConvertible {
    public var description: String { String(decoding: authority, as: UTF8.self) }
}
