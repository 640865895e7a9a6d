internal import Bytes

/// The container credential provider of ECS and EKS (`AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` or `…_FULL_URI`).
struct ContainerSource: CredentialSource {
    let name = "container endpoint"

    private static let host = "169.254.170.2"
    /// Hosts that a full URI may name over plain HTTP, beside loopback addresses: the link-local endpoints of ECS and EKS.
    private static let allowed: Set<String> = ["169.254.170.2", "169.254.170.23", "fd00:ec2::23", "localhost", "::1"]

    func load(_ surroundings: CredentialSurroundings) async throws(CredentialError) -> ProvidedCredentials? {
        let url: PlainURL
        if let path = surroundings.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
            guard path.hasPrefix("/"), PlainURL.isTarget(path) else {
                throw .malformed(source: name, part: "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
            }
            url = PlainURL(host: ContainerSource.host, port: 80, target: path)
        } else if let text = surroundings.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI") {
            // The endpoints that exist speak plain HTTP on this machine or its link.
            if text.hasPrefix("https://") { throw .unsupported(source: name, setting: "an https AWS_CONTAINER_CREDENTIALS_FULL_URI") }
            guard let parsed = PlainURL(text) else { throw .malformed(source: name, part: "AWS_CONTAINER_CREDENTIALS_FULL_URI") }
            guard ContainerSource.isAllowed(parsed.host) else { throw .hostNotAllowed(parsed.host) }
            url = parsed
        } else {
            return nil
        }
        var headers = ["accept": "application/json"]
        if let token = try await token(surroundings) { headers["authorization"] = token }
        let request = CredentialSurroundings.MetadataRequest(
            method: "GET", host: url.host, port: url.port, target: url.target, headers: headers, timeoutMilliseconds: 2000)
        let response: CredentialSurroundings.MetadataResponse
        do {
            response = try await surroundings.fetch(request)
        } catch {
            throw .endpoint(source: name, cause: "\(error)")
        }
        guard response.status == 200 else { throw .endpoint(source: name, cause: "status \(response.status)") }
        return try MetadataCredentials.read(response.body, source: name)
    }

    /// The file is read each time: EKS rotates what is in it.
    private func token(_ surroundings: CredentialSurroundings) async throws(CredentialError) -> String? {
        var token = surroundings.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN")
        if let path = surroundings.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
            guard let bytes = try await surroundings.readFile(path), let text = String(validating: bytes, as: UTF8.self) else {
                throw .malformed(source: name, part: "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
            }
            token = text
        }
        // A line break would let whoever writes the token add header fields.
        if let token, token.unicodeScalars.contains(where: { $0 == "\r" || $0 == "\n" }) {
            throw .malformed(source: name, part: "the authorization token")
        }
        return token
    }

    /// Addresses, not names that resolve to them: what a name resolves to is somebody else's to say.
    private static func isAllowed(_ host: String) -> Bool {
        if allowed.contains(host) { return true }
        let octets = host.split(separator: ".", omittingEmptySubsequences: false)
        return octets.count == 4 && octets[0] == "127" && octets.allSatisfy { UInt8($0).map { "\($0)" } == String($0) }
    }
}

/// `http://host[:port]/target`.
struct PlainURL: Equatable {
    let host: String
    let port: UInt16
    let target: String

    init(host: String, port: UInt16, target: String) {
        self.host = host
        self.port = port
        self.target = target
    }

    init?(_ text: String) {
        guard text.hasPrefix("http://") else { return nil }
        let rest = text.dropFirst("http://".count)
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        let target = end == rest.endIndex ? "/" : (rest[end] == "?" ? "/" : "") + rest[end...]
        guard PlainURL.isTarget(target), !rest[..<end].contains("@") else { return nil }
        var host = rest[..<end]
        var port: UInt16 = 80
        let bracket = host.lastIndex(of: "]")
        if let colon = host.lastIndex(of: ":"), bracket.map({ $0 < colon }) ?? true {
            guard let number = UInt16(host[host.index(after: colon)...]) else { return nil }
            port = number
            host = host[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty else { return nil }
        self.init(host: host.lowercased(), port: port, target: target)
    }

    /// Visible ASCII without `#`: nothing that could end the request line or start another.
    static func isTarget(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0.isVisible && $0 != UInt8(ascii: "#") }
    }
}
