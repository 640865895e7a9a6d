internal import Bytes

/// `x-amazon-apigateway-cors` at the root: CORS for every route, answered by the gateway as HTTP APIs do.
enum CORSReader {
    static func configuration(_ node: DocumentNode) throws(DocumentError) -> CORSConfiguration {
        try node.allow(["allowOrigins", "allowMethods", "allowHeaders", "exposeHeaders", "maxAge", "allowCredentials"])
        let origins = node["allowOrigins"]
        let credentials = try node["allowCredentials"].map { (node) throws(DocumentError) in try node.bool() } ?? false
        let names = try list(origins)
        if credentials, let origins, names.contains(where: { $0.hasSuffix("*") }) {
            throw origins.error(.invalid("every origin may not be allowed together with credentials"))
        }
        for name in names where !isOrigin(name) { throw (origins ?? node).error(.invalid("\(name) is no origin")) }
        return CORSConfiguration(
            origins: names, methods: try list(node["allowMethods"]), headers: try list(node["allowHeaders"]).map { $0.lowercased() },
            exposed: try list(node["exposeHeaders"]),
            maximumAge: try node["maxAge"].map { (node) throws(DocumentError) in try node.int(in: -1...86_400) }, allowsCredentials: credentials)
    }

    /// `*`, every origin of a scheme (`https://*`), or one as browsers send it: a scheme and an authority in lower case, nothing behind it (RFC 6454 §6.2).
    private static func isOrigin(_ name: String) -> Bool {
        if name == "*" { return true }
        guard name == name.lowercased(), let separator = name.firstRange(of: "://"), name.first?.isLetter == true else { return false }
        guard name[..<separator.lowerBound].allSatisfy({ $0.isLetter || $0.isNumber || "+-.".contains($0) }) else { return false }
        let authority = name[separator.upperBound...]
        return authority == "*" || !authority.isEmpty && !authority.contains { "/?#@*".contains($0) }
    }

    private static func list(_ node: DocumentNode?) throws(DocumentError) -> [String] {
        try node.map { (node) throws(DocumentError) in try fieldValues(node) } ?? []
    }

    private static func fieldValues(_ node: DocumentNode) throws(DocumentError) -> [String] {
        let values = try node.strings()
        for value in values where value.isEmpty || !value.utf8.allSatisfy({ $0.isVisible && $0 != UInt8(ascii: ",") }) {
            throw node.error(.invalid("\(value) can't stand in a header"))
        }
        return values
    }
}
