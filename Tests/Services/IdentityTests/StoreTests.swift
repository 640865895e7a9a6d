import Backups
import Crypto
import Files
import JSON
import SQLite
import Testing

@testable import Identity

@Suite("What is stored")
struct StoreTests {
    @Test("Everything is there again after a restart: users, passwords, clients, keys, refresh tokens")
    func restart() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            let made = try await fixture.clientJSON(pool, ["GenerateSecret": true])
            let client = try await fixture.client(pool)
            try await fixture.user(pool, "ada")
            let result = try await fixture.signIn(client, "ada")["AuthenticationResult"]
            let keys = try await fixture.api.files.keys(of: pool).jwks()

            let again = try Fixture(folder: fixture.folder)
            #expect(try await again.api.files.keys(of: pool).jwks() == keys)
            #expect(try await again.signIn(client, "ada")["AuthenticationResult"] != nil)
            let described = try await again.admin(.describeUserPoolClient, ["UserPoolId": .string(pool), "ClientId": try #require(made["ClientId"])])
            #expect(described["UserPoolClient"] == made)
            let refresh: JSONObject = [
                "ClientId": .string(client), "AuthFlow": "REFRESH_TOKEN_AUTH",
                "AuthParameters": ["REFRESH_TOKEN": try #require(result?["RefreshToken"])],
            ]
            #expect(try await again.open(.initiateAuth, refresh)["AuthenticationResult"] != nil)
            #expect(try await again.open(.getUser, ["AccessToken": try #require(result?["AccessToken"])])["Username"] == "ada")
        }
    }

    @Test("More pools than files may be open work all the same")
    func manyPools() async throws {
        try await Fixture.with { fixture in
            var pools: [(pool: String, client: String)] = []
            for number in 0..<4 {
                let pool = try await fixture.pool()
                try await fixture.user(pool, "ada", "Correct-Horse-\(number)")
                pools.append((pool, try await fixture.client(pool)))
            }
            for (number, pool) in pools.enumerated() {
                #expect(try await fixture.signIn(pool.client, "ada", "Correct-Horse-\(number)")["AuthenticationResult"] != nil)
                await expect(.wrongPassword) { _ = try await fixture.signIn(pool.client, "ada", "Correct-Horse-\(number + 1)") }
            }
        }
    }

    @Test("A pool that was being made when the process ended is in nobody's backup's way")
    func halfMade() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            try File.replace("\(fixture.folder)/pools/us-east-1_HalfMade1.sqlite", with: [])
            try await fixture.api.files.copy(to: BackupTarget(folder: "\(fixture.folder)/copy"))
            #expect(try Directory.list("\(fixture.folder)/copy/pools").filter { $0.hasSuffix(".sqlite") } == ["\(pool).sqlite"])
        }
    }

    @Test("A pool beyond as many as there may be leaves no file")
    func tooManyPools() async throws {
        try await Fixture.with { fixture in
            var input = Input([:])
            for number in 0..<IdentityIndex.maximumPools {
                let pool = try UserPool(
                    id: "us-east-1_\(number)", name: "n", createdAt: fixture.now, modifiedAt: fixture.now, from: .creation, reading: &input)
                try await fixture.api.index.insert(pool, keyIDs: [])
            }
            let refused = await #expect(throws: IdentityError.self) { _ = try await fixture.pool() }
            #expect(refused?.kind == .limitExceeded)
            #expect(try Directory.list("\(fixture.folder)/pools") == [])
        }
    }

    @Test("No password, client secret or private key lies in the files in the clear")
    func sealed() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            let secret = try #require(try await fixture.clientJSON(pool, ["GenerateSecret": true])["ClientSecret"]?.string)
            try await fixture.user(pool, "ada", "Correct-Horse-7")
            var bytes: [UInt8] = []
            for name in try Directory.list(fixture.folder) + Directory.list("\(fixture.folder)/pools").map({ "pools/\($0)" }) {
                let path = "\(fixture.folder)/\(name)"
                if try !Directory.isDirectory(path) { bytes += try File.read(path, limit: 1 << 24) }
            }
            // The PKCS #8 prefix of an RSA key's algorithm.
            let privateKey: [UInt8] = [0x02, 0x01, 0x00, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01]
            for needle in [Array("Correct-Horse-7".utf8), Array(secret.utf8), privateKey] {
                #expect(!bytes.contains(needle))
            }
            #expect(bytes.contains(Array("$argon2id$v=19$".utf8)))
        }
    }

    @Test("A key moved to another pool's file by hand does not open there")
    func movedKey() async throws {
        try await Fixture.with { fixture in
            let (first, second) = (try await fixture.pool(), try await fixture.pool())
            await fixture.api.files.close()
            let connection = try Connection(path: "\(fixture.folder)/pools/\(second).sqlite", role: .writer)
            try connection.execute(
                "ATTACH '\(fixture.folder)/pools/\(first).sqlite' AS other; DELETE FROM key; INSERT INTO key SELECT * FROM other.key")
            await #expect(throws: (any Error).self) { _ = try await fixture.api.files.keys(of: second) }
        }
    }

    @Test("A password hash is read back with its parameters; what was not written so is none")
    func passwordHash() throws {
        let hash = try PasswordHash(of: "secret", parameters: .init(iterations: 1, memoryKiB: 64), salt: [UInt8](repeating: 1, count: 16))
        let read = try #require(PasswordHash(encoded: hash.encoded))
        #expect(read == hash)
        #expect(try read.matches("secret"))
        #expect(try !read.matches("Secret"))
        for wrong in [
            "", "$argon2i$v=19$m=64,t=1,p=1$AAAA$AAAA", "$argon2id$v=16$m=64,t=1,p=1$AAAA$AAAA", "$argon2id$v=19$m=64,t=1,p=2$AAAA$AAAA", "plain",
        ] {
            #expect(PasswordHash(encoded: wrong) == nil)
        }
    }

    @Test("Passwords no pool's policy refuses are made for users whose administrator chose none")
    func temporaryPasswords() throws {
        var policy = PasswordPolicy()
        policy.minimumLength = 40
        for _ in 0..<50 { #expect(throws: Never.self) { try policy.check(Identifiers.temporaryPassword(length: 40)) } }
    }
}

extension [UInt8] {
    fileprivate func contains(_ needle: [UInt8]) -> Bool {
        guard count >= needle.count, let first = needle.first else { return needle.isEmpty }
        for start in 0...(count - needle.count) where self[start] == first {
            if self[start..<start + needle.count].elementsEqual(needle) { return true }
        }
        return false
    }
}
