import Contracts
import Crypto
import Encodings
import HTTP
import JSON
import Testing
import Tokens
import Trust

@testable import Gateway

/// Key sets that come late, never, or from elsewhere.
@Suite struct KeySetAttackTests {
    @Test func `a key set that does not come keeps nobody out whose keys are known`() async throws {
        try await World.run { world in
            #expect(try await world.get("/notes", "Authorization: \(try Pool.alpha.idToken())").status == 200)
            world.identity.forgetCalls()
            world.identity.set { _ in
                try await Task.sleep(for: .seconds(60))
                return Response(.notFound)
            }
            let stranger = try JWTSigner(keyID: "kid-unknown", key: RSAPrivateKey.generate(bits: 2048))
            await withTaskGroup(of: Int?.self) { group in
                // One for a key that is not in the set, and slow pools for all the other fetches that there are at once.
                let token = try? stranger.sign(JSON.encode(.object(Pool.alpha.idClaims())))
                group.addTask { try? await world.get("/notes", "Authorization: \(token ?? "")").status }
                for number in 0..<7 {
                    let token = try? stranger.sign(
                        JSON.encode(.object(Pool.alpha.idClaims(["iss": .string("\(World.publicURL)/us-east-1_Slow\(number)")]))))
                    group.addTask { try? await world.get("/notes", "Authorization: \(token ?? "")").status }
                }
                do {
                    try await world.settle { world.identity.calls.count >= 8 }
                    let started = ContinuousClock.now
                    // Tokens that were never seen: each is verified with the keys that are held.
                    for number in 0..<5 {
                        let token = try Pool.alpha.idToken(["jti": .string("fresh-\(number)")])
                        #expect(try await world.get("/notes", "Authorization: \(token)").status == 200)
                    }
                    #expect(started.duration(to: .now) < .seconds(2))
                } catch { Issue.record(error) }
                var statuses: [Int?] = []
                for await status in group { statuses.append(status) }
                // A key that isn't there is nobody's; a pool whose keys can't be had is not said to be none.
                #expect(statuses.count { $0 == 401 } == 1 && statuses.count { $0 == 503 } == 7, "\(statuses)")
            }
        }
    }

    @Test func `a key set is taken from its issuer's own address only, wherever a redirect leads`() async throws {
        try await World.run { world in
            let elsewhere = "http://127.0.0.1:\(world.audit.port)/us-east-1_Beta/.well-known/jwks.json"
            let redirects: [(UInt16, String)] = [
                (302, "/us-east-1_Beta/.well-known/jwks.json"), (301, elsewhere), (303, elsewhere), (307, elsewhere),
                (308, "//127.0.0.1:\(world.audit.port)/"),
            ]
            for (status, location) in redirects {
                let pool = "us-east-1_Moved\(status)"
                world.identity.forgetCalls()
                world.identity.set { call in
                    guard call.request.head.target.hasPrefix("/\(pool)/") else {
                        return Response.json(try JWKSet.encode([Pool.beta.signer.verificationKey]))
                    }
                    var response = Response(Status(rawValue: status))
                    response.headers.add(.location, location)
                    return response
                }
                // Signed by the keys that the redirect leads to.
                let stolen = try Pool.beta.idToken(["iss": .string("\(World.publicURL)/\(pool)")])
                #expect(try await world.get("/notes", "Authorization: \(stolen)").status == 503)
                #expect(world.identity.calls.map { $0.request.head.target } == ["/\(pool)/.well-known/jwks.json"])
                #expect(world.audit.calls.isEmpty && world.audit.refusals.isEmpty && world.notes.calls.isEmpty)
            }
            #expect(try await world.get("/notes", "Authorization: \(try Pool.beta.idToken())").status == 200)
            world.identity.answerKeySets()
            #expect(try await world.get("/notes", "Authorization: \(try Pool.alpha.idToken())").status == 200)
        }
    }
}
