import Contracts
import HTTP
import JSON
import ServiceFixture
import Testing
import Tokens

@testable import Identity

@Suite("The identity service's own port")
struct IdentityDoorTests {
    @Test("A pool made over HTTP publishes its keys and its discovery document, to the gateway and to anyone through it")
    func poolAndDocuments() async throws {
        try await IdentityServer.run(authorizer: "allow") { server in
            let made = try await server.call("CreateUserPool", #"{"PoolName":"demo"}"#, as: IdentityServer.root)
            #expect(made.status == 200 && made.headers[.contentType] == "application/x-amz-json-1.1")
            let pool = try #require(made.json["UserPool"]?["Id"]?.string)
            #expect(pool.hasPrefix("us-east-1_") && pool.utf8.count == 19)
            for identity in [nil, CallerIdentity.anyone] {
                let keys = try await server.send(.get, "/\(pool)/.well-known/jwks.json", as: identity)
                #expect(keys.status == 200 && keys.headers[.contentType] == "application/json")
                #expect(try JWKSet.parse(keys.body).keyIDs.count == 2)
                let document = try await server.send(.get, "/\(pool)/.well-known/openid-configuration", as: identity)
                #expect(document.json["issuer"]?.string == "http://127.0.0.1:1/\(pool)")
                #expect(document.json["jwks_uri"]?.string == "http://127.0.0.1:1/\(pool)/.well-known/jwks.json")
            }
        }
    }

    @Test("An unknown pool, or what is no pool's name, has no keys: 404")
    func unknownPool() async throws {
        try await IdentityServer.run(authorizer: "allow") { server in
            for name in ["us-east-1_AAAAAAAAA", "x", "us-east-1_AAAAAAAAA.sqlite", String(repeating: "a", count: 300)] {
                let answer = try await server.send(.get, "/\(name)/.well-known/jwks.json", as: nil)
                #expect(answer.status == 404, "\(name)")
            }
        }
    }

    @Test("Another method than a path has is 405, and Allow names what it has")
    func methods() async throws {
        try await IdentityServer.run(authorizer: "allow") { server in
            let requests: [(HTTP.Method, String, String)] = [
                (.options, "/us-east-1_AAAAAAAAA/.well-known/jwks.json", "GET"), (.post, "/us-east-1_AAAAAAAAA/.well-known/jwks.json", "GET"),
                (.delete, "/us-east-1_AAAAAAAAA/.well-known/openid-configuration", "GET"), (.get, "/", "POST"),
            ]
            for (method, path, allowed) in requests {
                let answer = try await server.send(method, path, as: nil)
                #expect(answer.status == 405 && answer.headers[.allow] == allowed, "\(method) \(path)")
            }
        }
    }

    @Test("Administration takes a signed caller; nobody else gets past the door")
    func callers() async throws {
        try await IdentityServer.run(authorizer: "allow") { server in
            #expect(try await server.call("ListUserPools", #"{"MaxResults":1}"#, as: nil).status == 401)
            // Notes has a key for this service, and no business with users.
            #expect(try await server.call("ListUserPools", #"{"MaxResults":1}"#, as: IdentityServer.root, from: .notes).status == 403)
            let anyone = try await server.call("ListUserPools", #"{"MaxResults":1}"#, as: .anyone)
            #expect(anyone.status == 400 && anyone.type == "MissingAuthenticationTokenException")
            let user = CallerIdentity(
                method: .jwt, subject: "ada", tenant: "us-east-1_A", principal: "arn:aws:iam::000000000000:role/strongroom-user")
            #expect(try await server.call("ListUserPools", #"{"MaxResults":1}"#, as: user).type == "MissingAuthenticationTokenException")
            #expect(try await server.call("ListUserPools", #"{"MaxResults":1}"#, as: IdentityServer.root).status == 200)
        }
    }

    @Test("The list of erasures is for the services that hold data, and for nobody else")
    func erasures() async throws {
        try await IdentityServer.run(authorizer: "allow") { server in
            let question = ErasuresRequest(list: nil, after: 0, code: [], wait: 0).encoded()
            for reader in [ServiceName.notes, .audit] {
                let answer = try await server.send(.post, ErasuresRequest.path, as: nil, from: reader, body: question)
                #expect(try answer.status == 200 && ErasuresResponse(answer.body.span).erasures.isEmpty)
                let nonsense = try await server.send(.post, ErasuresRequest.path, as: nil, from: reader, body: #"{"after":-1}"#)
                #expect(nonsense.status == 400 && nonsense.type == "SerializationException")
                // For a user it would be the gateway's call.
                #expect(try await server.send(.post, ErasuresRequest.path, as: IdentityServer.root, from: reader, body: question).status == 403)
            }
            for other in [ServiceName.gateway, .authorizer] {
                #expect(try await server.send(.post, ErasuresRequest.path, as: nil, from: other, body: question).status == 403, "\(other)")
            }
        }
    }

    @Test("A principal the authorizer refuses is told so, and nothing happens", arguments: ["implicitDeny", "explicitDeny"])
    func denied(decision: String) async throws {
        try await IdentityServer.run(authorizer: decision) { server in
            let answer = try await server.call("CreateUserPool", #"{"PoolName":"demo"}"#, as: IdentityServer.root)
            #expect(answer.status == 400 && answer.type == "AccessDeniedException")
            #expect(answer.headers["x-amzn-errortype"] == "AccessDeniedException")
            #expect(answer.headers["x-amzn-errormessage"]?.contains("cognito-idp:CreateUserPool") == true)
        }
    }

    @Test("An authorizer that makes no sense is no permission", arguments: ["", "Allow", "yes", "maybe\\\"}"])
    func brokenAuthorizer(decision: String) async throws {
        try await IdentityServer.run(authorizer: decision) { server in
            let answer = try await server.call("ListUserPools", #"{"MaxResults":1}"#, as: IdentityServer.root)
            #expect(answer.status == 503 && answer.type == "ServiceUnavailableException")
        }
    }

    @Test("Operations that are not served are refused by name, others as unknown")
    func operations() async throws {
        try await IdentityServer.run(authorizer: "allow") { server in
            let known = try await server.call("SignUp", "{}", as: .anyone)
            #expect(known.status == 400 && known.type == "UnsupportedOperationException")
            #expect(known.json["message"]?.string == "SignUp is not supported by this user pool service.")
            for name in ["Nonsense", "", "signUp"] { #expect(try await server.call(name, "{}", as: .anyone).type == "UnknownOperationException") }
            let foreign = try await server.send(
                .post, "/", as: .anyone, body: "{}", headers: [("x-amz-target", "DynamoDB_20120810.PutItem")])
            #expect(foreign.type == "UnknownOperationException")
            #expect(try await server.send(.post, "/", as: .anyone, body: "{}").type == "UnknownOperationException")
        }
    }

    @Test("A body that is not one JSON object, or too large, is a SerializationException")
    func bodies() async throws {
        try await IdentityServer.run(authorizer: "allow") { server in
            for body in ["", "[]", "{", #"{"ClientId":"a","ClientId":"b"}"#, "null", "{}{}", String(repeating: "[", count: 5000)] {
                let answer = try await server.call("InitiateAuth", body, as: .anyone)
                #expect(answer.status == 400 && answer.type == "SerializationException", "\(body.prefix(20))")
            }
            let large = #"{"ClientId":"\#(String(repeating: "a", count: 140_000))"}"#
            #expect(try await server.call("InitiateAuth", large, as: .anyone).status == 413)
        }
    }
}
