/// `servers`: the stages, as API Gateway's own export writes them, in the variable `basePath` of the first server's URL.
///
///     servers:
///       - url: "http://localhost:8080/{basePath}"
///         variables: { basePath: { default: dev, enum: [dev] } }
enum ServersReader {
    static func stages(_ servers: DocumentNode?) throws(DocumentError) -> [String] {
        guard let servers, let first = try servers.elements().first else {
            throw DocumentError(.missing("servers, with a variable basePath that names the stage"))
        }
        guard try servers.elements().count == 1 else { throw servers.error(.unsupported("more than one server")) }
        try first.allow(["url", "description", "variables"])
        let url = try first.requireString("url")
        guard url.hasSuffix("/{basePath}") else { throw try first.require("url").error(.expected("a URL that ends in /{basePath}")) }
        let variables = try first.require("variables")
        try variables.allow(["basePath"])
        let base = try variables.require("basePath")
        try base.allow(["default", "enum", "description"])
        let fallback = try name(base.require("default"))
        var stages = [fallback]
        if let others = base["enum"] {
            for element in try others.elements() {
                let stage = try name(element)
                if !stages.contains(stage) { stages.append(stage) }
            }
        }
        return stages
    }

    /// A stage name: letters, digits, `_`, `-`; an export writes it with a slash before it.
    private static func name(_ node: DocumentNode) throws(DocumentError) -> String {
        var name = try node.string()[...]
        if name.hasPrefix("/") { name = name.dropFirst() }
        let allowed = name.utf8.allSatisfy { byte in
            byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") || byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
                || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
        }
        guard !name.isEmpty, name.utf8.count <= 128, allowed else { throw node.error(.invalid("a stage's name is letters, digits, _ and -")) }
        return String(name)
    }
}
