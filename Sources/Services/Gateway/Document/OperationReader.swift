internal import Bytes

/// `paths`: every operation becomes a route.
struct OperationReader {
    let authorizers: [String: Authorizer]
    let defaultSecurity: DocumentNode?
    /// Servers outside the cluster that routes may lead to, `host:port`.
    let backends: Set<String>

    private static let methods = ["get", "put", "post", "delete", "options", "head", "patch"]
    private static let anyMethod = "x-amazon-apigateway-any-method"

    func routes(_ paths: DocumentNode) throws(DocumentError) -> [Route] {
        var routes: [Route] = []
        for (path, item) in try paths.members() {
            if path.hasPrefix("x-") { throw item.error(.unsupported(path)) }
            try item.allow(Set(Self.methods + [Self.anyMethod, "summary", "description", "parameters"]))
            let template: RouteTemplate
            do throws(RouteTemplate.Flaw) { template = try RouteTemplate(path) } catch { throw item.error(.invalid("not a path: \(error)")) }
            for (name, operation) in try item.members() {
                let method: String
                if Self.methods.contains(name) {
                    method = name.uppercased()
                } else if name == Self.anyMethod {
                    method = Route.anyMethod
                } else {
                    continue
                }
                routes.append(try route(operation, index: routes.count, method: method, template: template))
            }
        }
        return routes
    }

    private func route(_ node: DocumentNode, index: Int, method: String, template: RouteTemplate) throws(DocumentError) -> Route {
        try node.allow([
            "tags", "summary", "description", "externalDocs", "operationId", "parameters", "requestBody", "responses", "deprecated", "security",
            "x-amazon-apigateway-integration",
        ])
        let (authorizer, scopes) = try security(node)
        let integration = try IntegrationReader.integration(
            node.require("x-amazon-apigateway-integration"), method: method, template: template, backends: backends)
        return Route(index: index, method: method, template: template, integration: integration, authorizer: authorizer, scopes: scopes)
    }

    /// A route that anyone may call says so with `security: []`; one that says nothing, with no default, is refused: it is more often
    /// forgotten than meant.
    private func security(_ operation: DocumentNode) throws(DocumentError) -> (Authorizer?, [String]) {
        guard let security = operation["security"] ?? defaultSecurity else { throw operation.error(.missing("security")) }
        let requirements = try security.elements()
        guard let requirement = requirements.first else { return (nil, []) }
        guard requirements.count == 1 else { throw security.error(.unsupported("a choice of authorizers")) }
        let schemes = try requirement.members()
        guard let (name, scopes) = schemes.first, schemes.count == 1 else {
            throw requirement.error(.unsupported("other than one authorizer"))
        }
        guard let authorizer = authorizers[name] else { throw scopes.error(.invalid("there is no security scheme \(name)")) }
        let names = try scopes.strings()
        if authorizer.kind == .iam, !names.isEmpty { throw scopes.error(.invalid("awsSigv4 has no scopes")) }
        for scope in names
        where scope.isEmpty || !scope.utf8.allSatisfy({ $0.isVisible && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
            throw scopes.error(.invalid("not a scope: \(scope)"))
        }
        return (authorizer, names)
    }
}
