import HTTP

/// `components.securitySchemes` with `x-amazon-apigateway-authtype` and `x-amazon-apigateway-authorizer`.
enum AuthorizerReader {
    static func authorizers(_ components: DocumentNode?, environment: APIDocument.Environment) throws(DocumentError) -> [String: Authorizer] {
        guard let components else { return [:] }
        try components.allow([
            "schemas", "responses", "parameters", "examples", "requestBodies", "headers", "securitySchemes", "links", "callbacks",
        ])
        var authorizers: [String: Authorizer] = [:]
        for (name, node) in try components["securitySchemes"]?.members() ?? [] {
            authorizers[name] = try authorizer(name, node, environment)
        }
        return authorizers
    }

    private static func authorizer(
        _ name: String, _ node: DocumentNode, _ environment: APIDocument.Environment
    ) throws(DocumentError) -> Authorizer {
        try node.allow([
            "type", "name", "in", "description", "flows", "openIdConnectUrl", "scheme", "bearerFormat", "x-amazon-apigateway-authtype",
            "x-amazon-apigateway-authorizer",
        ])
        let authtype = try node["x-amazon-apigateway-authtype"].map { (node) throws(DocumentError) in try node.string() }
        if authtype == "awsSigv4" {
            if let extra = node["x-amazon-apigateway-authorizer"] { throw extra.error(.invalid("awsSigv4 has no authorizer of its own")) }
            return Authorizer(name: name, kind: .iam, identityField: .authorization, resultTTL: defaultTTL)
        }
        let definition = try node.require("x-amazon-apigateway-authorizer")
        switch try definition.requireString("type") {
        case "cognito_user_pools":
            guard authtype == nil || authtype == "cognito_user_pools" else { throw node.error(.unsupported("authtype \(authtype ?? "")")) }
            return try userPools(name, node, definition, environment)
        case "jwt":
            guard authtype == nil else { throw node.error(.unsupported("authtype \(authtype ?? "")")) }
            return try jwt(name, definition, environment)
        case let type:
            throw try definition.require("type").error(.unsupported("an authorizer of type \(type)"))
        }
    }

    private static func userPools(
        _ name: String, _ scheme: DocumentNode, _ node: DocumentNode, _ environment: APIDocument.Environment
    ) throws(DocumentError) -> Authorizer {
        try node.allow(["type", "providerARNs", "identitySource", "authorizerResultTtlInSeconds"])
        var pools: Set<String> = []
        var isAny = false
        let prefix = "arn:aws:cognito-idp:\(environment.region):\(environment.account):userpool/"
        let wildcardPrefix = "arn:aws:cognito-idp:*:*:userpool/"
        let providers = try node.require("providerARNs")
        for provider in try providers.elements() {
            let arn = try provider.string()
            if arn == prefix + "*" || arn == wildcardPrefix + "*" {
                isAny = true
            } else if arn.hasPrefix(prefix), !arn.dropFirst(prefix.count).contains(where: { "*?/:".contains($0) }), arn.count > prefix.count {
                pools.insert(String(arn.dropFirst(prefix.count)))
            } else {
                throw provider.error(.invalid("expected \(prefix)<pool> or \(prefix)*"))
            }
        }
        guard isAny || !pools.isEmpty else { throw providers.error(.invalid("names no user pool")) }
        let header =
            if let source = node["identitySource"] { try headerName(source) } else { try schemeHeader(scheme) }
        return Authorizer(
            name: name, kind: .userPools(isAny ? .any : .only(pools)), identityField: header, resultTTL: try resultTTL(node))
    }

    private static func jwt(
        _ name: String, _ node: DocumentNode, _ environment: APIDocument.Environment
    ) throws(DocumentError) -> Authorizer {
        try node.allow(["type", "jwtConfiguration", "identitySource", "authorizerResultTtlInSeconds"])
        let configuration = try node.require("jwtConfiguration")
        try configuration.allow(["issuer", "audience"])
        let issuer = try configuration.requireString("issuer")
        guard issuer.hasPrefix(environment.publicURL + "/") else {
            throw try configuration.require("issuer").error(.unsupported("an issuer outside this cluster (\(environment.publicURL)/…)"))
        }
        let audience = try configuration.require("audience")
        let accepted = Set(try audience.strings())
        guard !accepted.isEmpty else { throw audience.error(.invalid("accepts no audience")) }
        let header = if let source = node["identitySource"] { try headerName(source) } else { HeaderName.authorization }
        return Authorizer(name: name, kind: .jwt(issuer: issuer, audience: accepted), identityField: header, resultTTL: try resultTTL(node))
    }

    private static let defaultTTL = 300

    private static func resultTTL(_ node: DocumentNode) throws(DocumentError) -> Int {
        try node["authorizerResultTtlInSeconds"].map { (node) throws(DocumentError) in try node.int(in: 0...3600) } ?? defaultTTL
    }

    /// `method.request.header.X` (REST) or `$request.header.X` (HTTP). A credential in a query string ends up in logs: not supported.
    private static func headerName(_ node: DocumentNode) throws(DocumentError) -> HeaderName {
        let source = try node.string()
        for prefix in ["method.request.header.", "$request.header."] where source.hasPrefix(prefix) {
            return try checked(String(source.dropFirst(prefix.count)), node)
        }
        throw node.error(.unsupported("the identity source \(source)"))
    }

    private static func schemeHeader(_ scheme: DocumentNode) throws(DocumentError) -> HeaderName {
        guard try scheme.requireString("type") == "apiKey", try scheme.requireString("in") == "header" else {
            throw scheme.error(.expected("type apiKey in a header"))
        }
        return try checked(scheme.requireString("name"), scheme.require("name"))
    }

    private static func checked(_ name: String, _ node: DocumentNode) throws(DocumentError) -> HeaderName {
        let lowered = name.lowercased()
        let isToken = lowered.utf8.allSatisfy {
            $0 == UInt8(ascii: "-") || $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") || $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9")
        }
        guard let field = HeaderName(lowered), isToken, !["host", "connection", "content-length", "transfer-encoding", "cookie"].contains(lowered)
        else {
            throw node.error(.invalid("\(name) can't carry a credential"))
        }
        return field
    }
}
