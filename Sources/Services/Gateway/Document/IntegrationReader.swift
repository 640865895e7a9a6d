import Bootstrap
import Contracts
import HTTP

/// `x-amazon-apigateway-integration` of type `http_proxy`:
///
///     type: http_proxy
///     httpMethod: GET
///     uri: http://notes.strongroom.internal/notes/{noteId}
///     requestParameters: { integration.request.path.noteId: method.request.path.noteId }
///     timeoutInMillis: 29000
///
/// Or, for a server outside the cluster that `--backends` names: `uri: http://host:port/…`.
///
/// The host is a service's name and `.strongroom.internal`; the request goes to that peer of the cluster, wherever it runs.
enum IntegrationReader {
    static func integration(
        _ node: DocumentNode, method: String, template: RouteTemplate, backends: Set<String>
    ) throws(DocumentError) -> Integration {
        let type = try node.require("type")
        guard try type.string().lowercased() == "http_proxy" else { throw type.error(.unsupported("an integration of type \(try type.string())")) }
        try node.allow([
            "type", "httpMethod", "uri", "requestParameters", "timeoutInMillis", "passthroughBehavior", "connectionType",
            "payloadFormatVersion", "responses",
        ])
        try expect(node["passthroughBehavior"], oneOf: ["when_no_match"])
        try expect(node["connectionType"], oneOf: ["internet"])
        try expect(node["payloadFormatVersion"], oneOf: ["1.0"])
        if let responses = node["responses"] { try checkResponses(responses) }
        // Sending another method than was authorized would let a policy for one allow the other.
        let forwarded = try node.require("httpMethod")
        guard try forwarded.string() == method else { throw forwarded.error(.unsupported("a method other than the route's own")) }
        let timeout = try node["timeoutInMillis"].map { (node) throws(DocumentError) in try node.int(in: 50...29_000) } ?? 29_000
        let names = try pathParameters(node["requestParameters"], template: template)
        let uri = try node.require("uri")
        let (destination, path) = try target(uri, names: names, template: template, backends: backends)
        return Integration(destination: destination, path: path, timeoutMilliseconds: timeout)
    }

    private static func expect(_ node: DocumentNode?, oneOf known: Set<String>) throws(DocumentError) {
        guard let node else { return }
        let value = try node.string()
        guard known.contains(value.lowercased()) else { throw node.error(.unsupported(value)) }
    }

    /// What API Gateway's export writes for a proxy integration, and nothing else: a service's answer is never changed.
    private static func checkResponses(_ node: DocumentNode) throws(DocumentError) {
        try node.allow(["default"])
        let fallback = try node.require("default")
        try fallback.allow(["statusCode"])
        guard try fallback.requireString("statusCode") == "200" else { throw fallback.error(.unsupported("a mapped response")) }
    }

    /// `integration.request.path.X: method.request.path.Y`, by X.
    private static func pathParameters(_ node: DocumentNode?, template: RouteTemplate) throws(DocumentError) -> [String: Int] {
        guard let node else { return Dictionary(uniqueKeysWithValues: template.parameters.enumerated().map { ($1, $0) }) }
        let toPrefix = "integration.request.path."
        let fromPrefix = "method.request.path."
        var names: [String: Int] = [:]
        for (name, value) in try node.members() {
            guard name.hasPrefix(toPrefix) else { throw value.error(.unsupported("the request parameter \(name)")) }
            let source = try value.string()
            guard source.hasPrefix(fromPrefix), let index = template.parameters.firstIndex(of: String(source.dropFirst(fromPrefix.count))) else {
                throw value.error(.invalid("\(source) is no path parameter of \(template.text)"))
            }
            names[String(name.dropFirst(toPrefix.count))] = index
        }
        return names
    }

    private static func target(
        _ uri: DocumentNode, names: [String: Int], template: RouteTemplate, backends: Set<String>
    ) throws(DocumentError) -> (Integration.Destination, [Integration.Segment]?) {
        let text = try uri.string()
        let scheme = "http://"
        guard text.hasPrefix(scheme) else { throw uri.error(.expected("http://<service>\(APIDocument.internalSuffix)/…")) }
        let rest = text.dropFirst(scheme.count)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let host = rest[..<slash]
        guard let destination = destination(String(host), backends: backends) else {
            throw uri.error(.invalid("the host \(host) is no service of the cluster, and none that --backends names"))
        }
        let upstream: RouteTemplate
        do throws(RouteTemplate.Flaw) { upstream = try RouteTemplate(slash == rest.endIndex ? "/" : String(rest[slash...])) } catch {
            throw uri.error(.invalid("not a canonical path: \(error)"))
        }
        let path = try segments(uri, upstream, names: names)
        let own = Dictionary(uniqueKeysWithValues: zip(template.parameters, 0...))
        return (destination, try path == segments(uri, template, names: own) ? nil : path)
    }

    private static func destination(_ host: String, backends: Set<String>) -> Integration.Destination? {
        if host.hasSuffix(APIDocument.internalSuffix) {
            let service = ServiceName(rawValue: String(host.dropLast(APIDocument.internalSuffix.count)))
            return service.flatMap { $0 == .gateway ? nil : .service($0) }
        }
        // A document alone can't make the gateway call whomever it likes: the operator has named the host.
        return backends.contains(host) ? Endpoint(host).map { .backend($0) } : nil
    }

    private static func segments(_ uri: DocumentNode, _ upstream: RouteTemplate, names: [String: Int]) throws(DocumentError) -> [Integration.Segment]
    {
        var segments: [Integration.Segment] = []
        var literal: [UInt8] = []
        for segment in upstream.segments {
            literal.append(UInt8(ascii: "/"))
            switch segment {
            case .literal(let bytes): literal.append(contentsOf: bytes)
            case .parameter(let name), .greedy(let name):
                guard let index = names[name] else { throw uri.error(.invalid("{\(name)} is no path parameter of the route")) }
                segments.append(.literal(literal))
                segments.append(.parameter(index))
                literal = []
            }
        }
        if !literal.isEmpty { segments.append(.literal(literal)) }
        return segments
    }
}
