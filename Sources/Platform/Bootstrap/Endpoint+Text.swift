internal import Bytes
internal import Encodings
public import HTTP

extension Endpoint {
    /// Reads `host:port`, with an IPv6 address in brackets.
    public convenience init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let number = Decimal.parse(String(text[text.index(after: colon)...])),
            let port = UInt16(exactly: number)
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("[") && host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard host.contains(":") else { return nil }
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty, host.utf8.allSatisfy(Self.isHostByte) else { return nil }
        self.init(host: String(host), port: port)
    }

    /// `host:port`, which the initialiser reads back.
    public var text: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    private static func isHostByte(_ byte: UInt8) -> Bool { byte.isAlphanumeric || "-._:".utf8.contains(byte) }
}
