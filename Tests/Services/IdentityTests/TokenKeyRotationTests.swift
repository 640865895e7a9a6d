import Bootstrap
import Crypto
import Encodings
import Files
import JSON
import Observability
import SQLite
import Testing
import Tokens

@testable import Identity

@Suite("Rotating token keys")
struct TokenKeyRotationTests {
    private static let lead: Int64 = 600

    /// A pool with a user, and what rotates its keys.
    private struct Signed {
        let fixture: Fixture
        let pool: String
        let client: String
        let rotation: TokenKeyRotation

        init(_ fixture: Fixture, validity: JSONObject = [:]) async throws {
            self.fixture = fixture
            pool = try await fixture.pool()
            client = try await fixture.client(pool, validity)
            try await fixture.user(pool, "ada")
            rotation = TokenKeyRotationTests.rotation(fixture)
        }

        /// The id and the access token of a sign-in.
        func tokens(_ fixture: Fixture? = nil) async throws -> [String] {
            let result = try await (fixture ?? self.fixture).signIn(client, "ada")["AuthenticationResult"]
            return [try #require(result?["IdToken"]?.string), try #require(result?["AccessToken"]?.string)]
        }

        func keySet(_ fixture: Fixture? = nil) async throws -> KeySet {
            try JWKSet.parse(try await (fixture ?? self.fixture).api.files.keys(of: pool).jwks())
        }

        func verify(_ token: String, with keys: KeySet) throws {
            _ = try keys.verify(token.utf8.span, expecting: TokenExpectations(issuer: fixture.api.issuer(of: pool)), at: fixture.now)
        }
    }

    private static func rotation(_ fixture: Fixture) -> TokenKeyRotation {
        TokenKeyRotation(
            api: fixture.api, lead: lead, clock: WallClock { fixture.now },
            log: Logger(service: "identity", buffer: LogBuffer { _ in }, now: { fixture.now }))
    }

    private static func keyID(_ token: String) throws -> String { try #require(try JWS(parsing: token.utf8.span).header.keyID) }

    @Test("Keys are published, then sign, then go; every token verifies with any key set fetched after it was, or half the lead before")
    func overlap() async throws {
        try await Fixture.with { fixture in
            let signed = try await Signed(fixture, validity: ["AccessTokenValidity": 2])
            let (before, old) = (try await signed.tokens(), try await signed.keySet())
            let begun = try await signed.rotation.begin(signed.pool)
            #expect(begun.isNew && begun.signing == fixture.now.adding(seconds: Self.lead))
            let published = try await signed.keySet()
            #expect(published.keyIDs.count == 4)

            // Until the lead is over the old keys sign.
            fixture.advance(seconds: Self.lead - 1)
            try await signed.rotation.advance()
            let during = try await signed.tokens()
            for token in during { try signed.verify(token, with: old) }

            fixture.advance(seconds: 1)
            try await signed.rotation.advance()
            let after = try await signed.tokens()
            for token in after {
                #expect(!old.contains(try Self.keyID(token)))
                try signed.verify(token, with: published)
            }
            let both = try await signed.keySet()
            for token in before + during { try signed.verify(token, with: both) }
            #expect(try await fixture.open(.getUser, ["AccessToken": .string(during[1])])["Username"] == "ada")
            #expect(try await fixture.open(.getUser, ["AccessToken": .string(after[1])])["Username"] == "ada")

            // An hour for id tokens, two for access tokens, and a minute.
            fixture.advance(seconds: 3600 + 59)
            try await signed.rotation.advance()
            #expect(try await signed.keySet().keyIDs.count == 4)
            fixture.advance(seconds: 1)
            try await signed.rotation.advance()
            #expect(try await signed.keySet().keyIDs.count == 3)
            fixture.advance(seconds: 3600)
            try await signed.rotation.advance()
            #expect(Set(try await signed.keySet().keyIDs) == Set(try after.map(Self.keyID)))
            await expect(.invalidAccessToken) { _ = try await fixture.open(.getUser, ["AccessToken": .string(during[1])]) }
            #expect(try await fixture.api.index.poolsInRotation() == [])
        }
    }

    @Test("A pool that is gone, or whose file is, keeps none of the others from moving on")
    func oneBadPool() async throws {
        try await Fixture.with { fixture in
            let signed = try await Signed(fixture)
            let others = [try await fixture.pool(), try await fixture.pool()]
            for pool in others + [signed.pool] { _ = try await signed.rotation.begin(pool) }
            // One loses its file, as if a disk had; the other is deleted.
            try await fixture.api.files.remove(others[0])
            try await fixture.admin(.deleteUserPool, ["UserPoolId": .string(others[1])])
            let before = try await signed.tokens()
            fixture.advance(seconds: Self.lead)
            try await signed.rotation.advance()
            let after = try await signed.tokens()
            #expect(try Set(before.map(Self.keyID)).isDisjoint(with: after.map(Self.keyID)))
            await #expect(throws: TokenKeyRotation.Refusal.noSuchPool(others[1])) { _ = try await signed.rotation.begin(others[1]) }
        }
    }

    @Test("A key stays as long as the longest-lived token it has signed, whichever client that was for")
    func longest() async throws {
        try await Fixture.with { fixture in
            let signed = try await Signed(fixture)
            _ = try await signed.tokens()
            let long = try await fixture.client(signed.pool, ["IdTokenValidity": 24])
            let token = try #require(try await fixture.signIn(long, "ada")["AuthenticationResult"]?["IdToken"]?.string)
            _ = try await signed.tokens()
            _ = try await signed.rotation.begin(signed.pool)
            fixture.advance(seconds: Self.lead)
            try await signed.rotation.advance()
            fixture.advance(seconds: 86_400 - Self.lead - 1)
            try await signed.rotation.advance()
            try signed.verify(token, with: try await signed.keySet())
        }
    }

    @Test("Asked again while new keys are on their way, nothing new is made; nor for a pool that isn't there")
    func again() async throws {
        try await Fixture.with { fixture in
            let signed = try await Signed(fixture)
            let first = try await signed.rotation.begin(signed.pool)
            fixture.advance(seconds: 10)
            let second = try await signed.rotation.begin(signed.pool)
            #expect(first.isNew && !second.isNew && first.signing == second.signing)
            #expect(try await signed.keySet().keyIDs.count == 4)
            await #expect(throws: TokenKeyRotation.Refusal.noSuchPool("us-east-1_none")) { try await signed.rotation.begin("us-east-1_none") }
            #expect(try await signed.rotation.pool(after: "") == signed.pool)
            #expect(try await signed.rotation.pool(after: signed.pool) == nil)
        }
    }

    @Test("New keys of which the index has lost the ids are found again when they are asked for")
    func forgotten() async throws {
        try await Fixture.with { fixture in
            let signed = try await Signed(fixture)
            let before = try await fixture.api.files.keys(of: signed.pool).states.map(\.keyID)
            _ = try await signed.rotation.begin(signed.pool)
            try await fixture.api.index.setKeyIDs(before, of: signed.pool)
            #expect(try await !signed.rotation.begin(signed.pool).isNew)
            fixture.advance(seconds: Self.lead)
            try await signed.rotation.advance()
            #expect(try await !before.contains(Self.keyID(signed.tokens()[0])))
        }
    }

    @Test("Rotating and moving on at once, the index has the ids of all keys")
    func atOnce() async throws {
        try await Fixture.with { fixture in
            let signed = try await Signed(fixture)
            for _ in 0..<3 {
                async let begun = signed.rotation.begin(signed.pool)
                for _ in 0..<20 { try await signed.rotation.advance() }
                _ = try await begun
                #expect(try await fixture.api.index.poolsInRotation() == [signed.pool])
                _ = try await signed.tokens()
                fixture.advance(seconds: Self.lead)
                try await signed.rotation.advance()
            }
        }
    }

    @Test("Former keys are bounded: the next rotation waits for the first to go")
    func bounded() async throws {
        try await Fixture.with { fixture in
            let signed = try await Signed(fixture, validity: ["IdTokenValidity": 24])
            for _ in 0..<TokenKeyTimetable.maximumFormer {
                _ = try await signed.tokens()
                _ = try await signed.rotation.begin(signed.pool)
                fixture.advance(seconds: Self.lead)
                try await signed.rotation.advance()
            }
            await #expect(throws: TokenKeyRotation.Refusal.self) { try await signed.rotation.begin(signed.pool) }
            fixture.advance(seconds: 86_400)
            try await signed.rotation.advance()
            #expect(try await signed.rotation.begin(signed.pool).isNew)
        }
    }

    @Test("A process that dies after any step goes on where it was, and what is stored is never half a step")
    func restarts() async throws {
        try await Fixture.with { fixture in
            let signed = try await Signed(fixture)
            let before = try await signed.tokens()
            // Between the two files: ids that are no key's.
            let states = try await fixture.api.files.keys(of: signed.pool).states
            try await fixture.api.index.setKeyIDs(states.map(\.keyID) + ["a", "b"], of: signed.pool)
            try await signed.rotation.advance()
            #expect(try await fixture.api.index.poolsInRotation() == [])

            _ = try await signed.rotation.begin(signed.pool)
            let second = try Fixture(folder: fixture.folder)
            second.advance(seconds: 1000)
            let rotation = Self.rotation(second)
            try await rotation.advance()
            #expect(try Self.keyID(try await signed.tokens(second)[0]) == Self.keyID(before[0]))
            second.advance(seconds: Self.lead)
            try await rotation.advance()
            #expect(try Self.keyID(try await signed.tokens(second)[0]) != Self.keyID(before[0]))

            let third = try Fixture(folder: fixture.folder)
            #expect(try await signed.keySet(third).contains(Self.keyID(before[0])))
            third.advance(seconds: 1000 + Self.lead + 3600 + TokenKeyTimetable.margin)
            try await Self.rotation(third).advance()
            #expect(try await signed.keySet(third).keyIDs.count == 2)
        }
    }

    @Test("Of a former key no private half is kept")
    func noPrivateHalf() async throws {
        try await Fixture.with { fixture in
            let signed = try await Signed(fixture)
            _ = try await signed.rotation.begin(signed.pool)
            fixture.advance(seconds: Self.lead)
            try await signed.rotation.advance()
            let stored = try await fixture.api.files.with(signed.pool) { try $0.keys() }
            for key in stored where key.state.use != .sealing {
                let place = "\(signed.pool)/\(key.state.use.rawValue)/\(key.state.keyID)"
                let bytes = try fixture.api.secrets.open(key.box, as: .poolKey, place: place)
                let isPrivate = (try? RSAPrivateKey(pkcs8: bytes)) != nil
                #expect(isPrivate == (key.state.stage == .current))
            }
            #expect(stored.count == 5)
        }
    }

    @Test("A file of the version before signs with the keys it had, and keeps them for a day once they are replaced")
    func migration() async throws {
        try await Fixture.with { fixture in
            let signed = try await Signed(fixture)
            let before = try await signed.keySet()
            await fixture.api.files.close()
            do {
                let connection = try Connection(path: "\(fixture.folder)/pools/\(signed.pool).sqlite", role: .writer)
                try connection.execute(
                    """
                    ALTER TABLE key RENAME TO newer;
                    CREATE TABLE key(use TEXT PRIMARY KEY, kid TEXT NOT NULL, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;
                    INSERT INTO key SELECT use, kid, sealed FROM newer;
                    DROP TABLE newer;
                    PRAGMA user_version = 1;
                    """)
            }
            #expect(Set(try await signed.keySet().keyIDs) == Set(before.keyIDs))
            for token in try await signed.tokens() { try signed.verify(token, with: before) }
            _ = try await signed.rotation.begin(signed.pool)
            fixture.advance(seconds: Self.lead)
            try await signed.rotation.advance()
            fixture.advance(seconds: 86_400)
            try await signed.rotation.advance()
            #expect(Set(before.keyIDs).isSubset(of: try await signed.keySet().keyIDs))
        }
    }
}
