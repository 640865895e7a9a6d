import Contracts
import Foundation
import HTTP
import JSON
import Testing

@testable import Gateway

@Suite struct APIDocumentTests {
    static let environment = APIDocument.Environment(region: "us-east-1", account: "000000000000", publicURL: "http://127.0.0.1:8080")

    func load(_ yaml: String) throws(DocumentError) -> APIDocument {
        try APIDocument(Array(yaml.utf8), format: .yaml, environment: Self.environment)
    }

    /// A small document with parts replaced.
    func document(
        security: String = "security: [{Pools: []}]",
        integration: String = "{type: http_proxy, httpMethod: GET, uri: http://notes.strongroom.internal/notes}",
        authorizer: String = #"{type: cognito_user_pools, providerARNs: ["arn:aws:cognito-idp:us-east-1:000000000000:userpool/*"]}"#,
        path: String = "/notes", root: String = "", operation: String = ""
    ) -> String {
        """
        openapi: "3.0.1"
        info: {title: t, version: "1"}
        servers: [{url: "http://x/{basePath}", variables: {basePath: {default: dev, enum: [dev, prod]}}}]
        components:
          securitySchemes:
            Pools:
              type: apiKey
              name: Authorization
              in: header
              x-amazon-apigateway-authtype: cognito_user_pools
              x-amazon-apigateway-authorizer: \(authorizer)
            IAM: {type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authtype: awsSigv4}
        \(root)
        paths:
          "\(path)":
            get:
              responses: {}
              \(operation)
              \(security)
              x-amazon-apigateway-integration: \(integration)
        """
    }

    func problem(_ yaml: String) -> String? {
        do throws(DocumentError) {
            _ = try load(yaml)
            return nil
        } catch { return error.description }
    }

    @Test func `the shipped document is accepted and names every route of the seeds`() throws {
        let document = try APIDocument(PackageResources.api_yaml, format: .yaml, environment: Self.environment)
        let routes = Set(document.table.routes.map { "\($0.method) \($0.template.text)" })
        for route in ["GET /notes", "POST /notes", "GET /notes/{noteId}", "PUT /notes/{noteId}", "DELETE /notes/{noteId}", "GET /audit/events"] {
            #expect(routes.contains(route))
        }
        #expect(document.table.routes.allSatisfy { $0.integration.path == nil })
        let open = document.table.routes.filter { $0.authorizer == nil }.map(\.integration.destination)
        #expect(open.allSatisfy { $0 == .service(.identity) })
        #expect(document.table.stages == ["dev"])
        #expect(document.cors != nil)
    }

    @Test func `the same document in JSON is read alike`() throws {
        let yaml = document()
        let json = """
            {"openapi":"3.0.1","info":{"title":"t","version":"1"},"servers":[{"url":"http://x/{basePath}","variables":{"basePath":{"default":"dev"}}}],
             "paths":{"/notes":{"get":{"security":[],"responses":{},"x-amazon-apigateway-integration":
               {"type":"HTTP_PROXY","httpMethod":"GET","uri":"http://notes.strongroom.internal/notes","timeoutInMillis":1000}}}}}
            """
        #expect(try load(yaml).table.routes[0].integration.timeoutMilliseconds == 29_000)
        let loaded = try APIDocument(Array(json.utf8), format: .json, environment: Self.environment)
        #expect(loaded.table.routes[0].integration.timeoutMilliseconds == 1_000)
        #expect(loaded.table.routes[0].authorizer == nil)
    }

    @Test func `an authorizer names any pool, some pools, or signatures`() throws {
        #expect(try load(document()).table.routes[0].authorizer?.kind == .userPools(.any))
        let one =
            #"{type: cognito_user_pools, providerARNs: ["arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_A"], authorizerResultTtlInSeconds: 0}"#
        let authorizer = try #require(try load(document(authorizer: one)).table.routes[0].authorizer)
        #expect(authorizer.kind == .userPools(.only(["us-east-1_A"])))
        #expect(authorizer.resultTTL == 0)
        #expect(authorizer.identityField.description == "authorization")
        #expect(try load(document(security: "security: [{IAM: []}]")).table.routes[0].authorizer?.kind == .iam)
        let jwt =
            #"{type: jwt, jwtConfiguration: {issuer: "http://127.0.0.1:8080/us-east-1_A", audience: [c]}, identitySource: $request.header.X-Token}"#
        let other = document(authorizer: jwt).replacingOccurrences(of: "x-amazon-apigateway-authtype: cognito_user_pools", with: "description: jwt")
        let found = try #require(try load(other).table.routes[0].authorizer)
        #expect(found.name == "Pools")
        #expect(found.kind == .jwt(issuer: "http://127.0.0.1:8080/us-east-1_A", audience: ["c"]))
        for issuer in ["https://accounts.example.com", "http://127.0.0.1:80801/us-east-1_A", "http://127.0.0.1:8080"] {
            let refused = problem(other.replacingOccurrences(of: "http://127.0.0.1:8080/us-east-1_A", with: issuer))
            #expect(refused?.hasSuffix("/jwtConfiguration/issuer: an issuer outside this cluster (http://127.0.0.1:8080/…) is not supported") == true)
        }
        #expect(found.identityField == "x-token")
        #expect(found.resultTTL == 300)
    }

    @Test(arguments: [("127.0.0.1:9000", "127.0.0.1"), ("[::1]:9000", "::1"), ("files.internal:9000", "files.internal")])
    func `a route leads to a server that the operator has named`(_ name: String, _ host: String) throws {
        var environment = Self.environment
        environment.backends = [name]
        let text = document(integration: #"{type: http_proxy, httpMethod: GET, uri: "http://\#(name)/notes"}"#)
        let route = try #require(try APIDocument(Array(text.utf8), format: .yaml, environment: environment).table.routes.first)
        #expect(route.integration.destination == .backend(Endpoint(host: host, port: 9000)))
    }

    @Test func `a route that forgets to say who may call it is refused`() {
        #expect(problem(document(security: "deprecated: true")) == "/paths/~1notes/get: security is missing")
        #expect(problem(document(security: "deprecated: true", root: "security: [{Pools: []}]")) == nil)
    }

    @Test(
        "what is not supported is refused by name and place",
        arguments: [
            (
                ["integration": "{type: aws_proxy, uri: x}"],
                "/paths/~1notes/get/x-amazon-apigateway-integration/type: an integration of type aws_proxy is not supported"
            ),
            (
                ["integration": "{type: http, httpMethod: GET, uri: http://notes.strongroom.internal/}"],
                "/paths/~1notes/get/x-amazon-apigateway-integration/type: an integration of type http is not supported"
            ),
            (
                ["integration": "{type: http_proxy, httpMethod: POST, uri: http://notes.strongroom.internal/}"],
                "/paths/~1notes/get/x-amazon-apigateway-integration/httpMethod: a method other than the route's own is not supported"
            ),
            (
                ["integration": "{type: http_proxy, httpMethod: GET, uri: http://169.254.169.254/}"],
                "/paths/~1notes/get/x-amazon-apigateway-integration/uri: the host 169.254.169.254 is no service of the cluster, and none that --backends names"
            ),
            (
                ["integration": "{type: http_proxy, httpMethod: GET, uri: http://gateway.strongroom.internal/}"],
                "/paths/~1notes/get/x-amazon-apigateway-integration/uri: the host gateway.strongroom.internal is no service of the cluster, and none that --backends names"
            ),
            (
                ["integration": "{type: http_proxy, httpMethod: GET, uri: http://notes.strongroom.internal/, timeoutInMillis: 30000}"],
                "/paths/~1notes/get/x-amazon-apigateway-integration/timeoutInMillis: expected a whole number from 50 to 29000"
            ),
            (
                ["integration": "{type: http_proxy, httpMethod: GET, uri: http://notes.strongroom.internal/, cacheKeyParameters: []}"],
                "/paths/~1notes/get/x-amazon-apigateway-integration/cacheKeyParameters: cacheKeyParameters is not supported"
            ),
            (
                ["integration": "{type: http_proxy, httpMethod: GET, uri: \"http://notes.strongroom.internal/{id}\"}"],
                "/paths/~1notes/get/x-amazon-apigateway-integration/uri: {id} is no path parameter of the route"
            ),
            (
                ["integration": "{type: http_proxy, httpMethod: GET, uri: http://notes.strongroom.internal/a/../b}"],
                "/paths/~1notes/get/x-amazon-apigateway-integration/uri: not a canonical path: notCanonical"
            ),
            (
                ["authorizer": "{type: token, authorizerUri: x}"],
                "/components/securitySchemes/Pools/x-amazon-apigateway-authorizer/type: an authorizer of type token is not supported"
            ),
            (
                ["authorizer": "{type: cognito_user_pools, providerARNs: []}"],
                "/components/securitySchemes/Pools/x-amazon-apigateway-authorizer/providerARNs: names no user pool"
            ),
            (
                ["authorizer": "{type: cognito_user_pools, providerARNs: [x], identityValidationExpression: y}"],
                "/components/securitySchemes/Pools/x-amazon-apigateway-authorizer/identityValidationExpression: identityValidationExpression is not supported"
            ),
            (["security": "security: [{Pools: []}, {IAM: []}]"], "/paths/~1notes/get/security: a choice of authorizers is not supported"),
            (["security": "security: [{Pools: [], IAM: []}]"], "/paths/~1notes/get/security/0: other than one authorizer is not supported"),
            (["security": "security: [{Other: []}]"], "/paths/~1notes/get/security/0/Other: there is no security scheme Other"),
            (["root": "x-amazon-apigateway-policy: {}"], "/x-amazon-apigateway-policy: x-amazon-apigateway-policy is not supported"),
            (["root": "secutiry: []"], "/secutiry: secutiry is not supported"),
            (
                ["root": "x-amazon-apigateway-cors: {allowOrigins: [\"*\"], allowCredentials: true}"],
                "/x-amazon-apigateway-cors/allowOrigins: every origin may not be allowed together with credentials"
            ),
            (
                ["root": "x-amazon-apigateway-cors: {allowOrigins: [\"https://*\"], allowCredentials: true}"],
                "/x-amazon-apigateway-cors/allowOrigins: every origin may not be allowed together with credentials"
            ),
            (
                ["root": "x-amazon-apigateway-cors: {allowOrigins: [\"https://*.test\"]}"],
                "/x-amazon-apigateway-cors/allowOrigins: https://*.test is no origin"
            ),
            (
                ["root": "x-amazon-apigateway-cors: {allowOrigins: [\"*://*\"]}"],
                "/x-amazon-apigateway-cors/allowOrigins: *://* is no origin"
            ),
            (
                ["root": "x-amazon-apigateway-cors: {allowOrigins: [\"https://App.test\"]}"],
                "/x-amazon-apigateway-cors/allowOrigins: https://App.test is no origin"
            ),
            (
                ["root": "x-amazon-apigateway-cors: {allowOrigins: [\"https://app.test/\"]}"],
                "/x-amazon-apigateway-cors/allowOrigins: https://app.test/ is no origin"
            ),
            (
                ["root": "x-amazon-apigateway-gateway-responses: {REQUEST_TOO_LARGE: {}}"],
                "/x-amazon-apigateway-gateway-responses/REQUEST_TOO_LARGE: REQUEST_TOO_LARGE is not supported"
            ),
            (
                ["root": "x-amazon-apigateway-gateway-responses: {DEFAULT_4XX: {responseTemplates: {application/json: \"$context.path\"}}}"],
                "/x-amazon-apigateway-gateway-responses/DEFAULT_4XX/responseTemplates/application~1json: the variable $context.path is not supported"
            ),
            (
                ["operation": "x-amazon-apigateway-request-validator: all"],
                "/paths/~1notes/get/x-amazon-apigateway-request-validator: x-amazon-apigateway-request-validator is not supported"
            ),
            (["path": "/dev/notes"], "/paths: /dev/notes begins with the name of a stage"),
            (["path": "/a;b"], "/paths/~1a;b: not a path: notCanonical"),
            (["path": "/%61"], "/paths/~1%61: not a path: notCanonical"),
            (["path": "/{a}/{a}"], "/paths/~1{a}~1{a}: not a path: parameterTwice(\"a\")"),
            (["path": "/{a+}/b"], "/paths/~1{a+}~1b: not a path: greedyNotLast(\"a\")"),
            (["path": "/x{a}"], "/paths/~1x{a}: not a path: malformedParameter(\"x{a}\")"),
        ] as [([String: String], String)])
    func refused(change: [String: String], expected: String) {
        let text = document(
            security: change["security"] ?? "security: [{Pools: []}]",
            integration: change["integration"] ?? "{type: http_proxy, httpMethod: GET, uri: http://notes.strongroom.internal/notes}",
            authorizer: change["authorizer"]
                ?? #"{type: cognito_user_pools, providerARNs: ["arn:aws:cognito-idp:us-east-1:000000000000:userpool/*"]}"#,
            path: change["path"] ?? "/notes", root: change["root"] ?? "", operation: change["operation"] ?? "")
        #expect(problem(text) == expected)
    }

    @Test(
        "what API Gateway's own exports hold is taken, also where nothing here ever answers so",
        arguments: [
            "x-amazon-apigateway-gateway-responses: {INVALID_API_KEY: {}, QUOTA_EXCEEDED: {}, UNSUPPORTED_MEDIA_TYPE: {}, WAF_FILTERED: {}}",
            "x-amazon-apigateway-gateway-responses: {UNAUTHORIZED: {statusCode: \"302\"}}",
            "x-amazon-apigateway-cors: {allowOrigins: [\"*\"], maxAge: -1}",
            "x-amazon-apigateway-cors: {allowMethods: [GET]}",
        ])
    func exported(root: String) {
        #expect(problem(document(root: root)) == nil)
    }

    @Test func `what readers of YAML disagree about must be quoted`() {
        for scalar in ["no", "On", "0777", "0x10", "1_000", "1:30", ".inf"] {
            #expect(problem("a: \(scalar)")?.contains("quote it") == true, "\(scalar)")
        }
        #expect(problem("a: 5")?.contains("quote it") == false)
    }

    @Test func `plain scalars are what YAML 1.2 says`() throws {
        let tree = #"{"a":5,"b":-1,"c":"2012-10-17","d":"127.0.0.1","e":1.5,"f":true,"g":null,"h":"5","i":"10.0.0.0/8","j":0}"#
        let yaml = "{a: 5, b: -1, c: 2012-10-17, d: 127.0.0.1, e: 1.5, f: true, g: ~, h: '5', i: 10.0.0.0/8, j: 0}"
        #expect(try YAMLConversion.value(.init(parsing: yaml)) == JSON.parse(tree))
    }

    @Test func `a path may be rewritten for the service`() throws {
        let text = document(
            integration:
                "{type: http_proxy, httpMethod: GET, uri: \"http://notes.strongroom.internal/v1/{note}\", requestParameters: {integration.request.path.note: method.request.path.id}}",
            path: "/notes/{id}")
        #expect(try load(text).table.routes[0].integration.path == [.literal(Array("/v1/".utf8)), .parameter(0)])
    }

    @Test func `whatever bytes come, the document is read or refused`() {
        var random = SystemRandomNumberGenerator()
        let base = Array(document().utf8)
        for _ in 0..<300 {
            var bytes = base
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let at = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: at)
                default: bytes.insert(contentsOf: bytes[..<min(at, 20)], at: at)
                }
            }
            for format in [APIDocument.Format.yaml, .json] {
                _ = try? APIDocument(bytes, format: format, environment: Self.environment)
            }
        }
    }
}
