internal import HTTP

/// Where clients reach the gateway: `http://HOST` or `https://HOST`, with a port or without, and nothing behind it: issuers of tokens begin with it.
public struct PublicURL: Sendable {
    public let text: String
    public let host: String

    init?(_ text: String) {
        guard let scheme = ["https://", "http://"].first(where: { text.hasPrefix($0) }) else { return nil }
        let rest = String(text.dropFirst(scheme.count))
        // Without a port, one that no host name can change the meaning of.
        guard let endpoint = Endpoint(rest) ?? Endpoint("\(rest):443") else { return nil }
        self.text = text
        host = endpoint.host
    }
}

extension ConfigurationReader {
    public mutating func publicURL(default standard: String, help: StaticString) throws(ConfigurationError) -> PublicURL {
        let text = try string("public-url", default: standard, help: help)
        guard let url = PublicURL(text) else {
            throw .invalid(key: "public-url", value: text, expected: "http://HOST or https://HOST, with a port or without, and no path")
        }
        return url
    }
}
