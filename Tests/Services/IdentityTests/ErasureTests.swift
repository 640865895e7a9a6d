import Backups
import Contracts
import Encodings
import Files
import JSON
import SQLite
import Shards
import Testing
import Threads

@testable import Identity

@Suite("Deleting users and pools")
struct ErasureTests {
    private func lines(_ fixture: Fixture) async throws -> [Erasure] { try await fixture.api.index.erasures(after: 0, limit: 100) }

    private func pool(_ fixture: Fixture, _ more: JSONObject = [:]) async throws -> (pool: String, client: String) {
        let pool = try await fixture.pool(more)
        return (pool, try await fixture.client(pool))
    }

    @Test("An erasure waits for every reader, also for one that has not been heard")
    func waiting() async throws {
        try await Fixture.with { fixture in
            let (pool, _) = try await pool(fixture)
            try await fixture.user(pool, "ada")
            #expect(fixture.api.erasures.waiting(for: .notes) == 0)
            try await fixture.admin(.adminDeleteUser, ["UserPoolId": .string(pool), "Username": "ada"])
            #expect(fixture.api.erasures.waiting(for: .notes) == 1 && fixture.api.erasures.waiting(for: .audit) == 1)
        }
    }

    @Test("A deleted user's tokens, names and memberships are gone, and whoever takes the name is somebody else")
    func user() async throws {
        try await Fixture.with { fixture in
            let (pool, client) = try await pool(fixture, ["AliasAttributes": ["email"]])
            let address: JSONObject = [
                "UserAttributes": [
                    ["Name": "email", "Value": "ada@example.com"] as JSONValue, ["Name": "email_verified", "Value": "true"],
                ]
            ]
            try await fixture.user(pool, "ada", "Correct-Horse-7", address)
            let named: JSONObject = ["UserPoolId": .string(pool), "Username": "ada"]
            try await fixture.admin(.createGroup, ["UserPoolId": .string(pool), "GroupName": "readers"])
            try await fixture.admin(.adminAddUserToGroup, named + ["GroupName": "readers"])
            let signed = try await fixture.signIn(client, "ada")["AuthenticationResult"]
            let subject = try Fixture.claims(signed?["IdToken"])["sub"]

            #expect(try await fixture.admin(.adminDeleteUser, named) == [:])
            await expect(.noSuchUser) { try await fixture.admin(.adminDeleteUser, named) }
            await expect(.noSuchUser) { _ = try await fixture.signIn(client, "ada") }
            await expect(.noSuchUser) { _ = try await fixture.open(.getUser, ["AccessToken": signed?["AccessToken"] ?? .null]) }
            await expect(.invalidRefreshToken) {
                _ = try await fixture.open(
                    .initiateAuth,
                    [
                        "ClientId": .string(client), "AuthFlow": "REFRESH_TOKEN_AUTH",
                        "AuthParameters": ["REFRESH_TOKEN": signed?["RefreshToken"] ?? .null],
                    ])
            }
            let members = try await fixture.admin(.listUsersInGroup, ["UserPoolId": .string(pool), "GroupName": "readers"])
            #expect(members["Users"] == [])

            try await fixture.user(pool, "ada", "Correct-Horse-7", address)
            let second = try Fixture.claims(try await fixture.signIn(client, "ada@example.com")["AuthenticationResult"]?["IdToken"])
            #expect(second["sub"] != subject && second["cognito:groups"] == nil)
            let line = try #require(try await lines(fixture).first)
            #expect(line.user == subject?.string && line.tenant == pool && line.principal == Fixture.root && line.requestID == "request")
        }
    }

    @Test("Users delete themselves with their access token, and with nothing else")
    func themselves() async throws {
        try await Fixture.with { fixture in
            let (pool, client) = try await pool(fixture)
            try await fixture.user(pool, "ada")
            let signed = try await fixture.signIn(client, "ada")["AuthenticationResult"]
            await expect(.invalidAccessToken) { _ = try await fixture.open(.deleteUser, ["AccessToken": signed?["IdToken"] ?? .null]) }
            #expect(try await fixture.open(.deleteUser, ["AccessToken": signed?["AccessToken"] ?? .null]) == [:])
            await expect(.noSuchUser) { _ = try await fixture.open(.deleteUser, ["AccessToken": signed?["AccessToken"] ?? .null]) }
            #expect(try await lines(fixture).map(\.principal) == [""])
        }
    }

    @Test("A user who may not delete users is refused, and nothing is entered")
    func refused() async throws {
        try await Fixture.with { fixture in
            let (pool, _) = try await pool(fixture)
            try await fixture.user(pool, "ada")
            fixture.decide(.implicitDeny)
            for (operation, request) in [
                (Operation.adminDeleteUser, ["UserPoolId": .string(pool), "Username": "ada"] as JSONObject),
                (.deleteUserPool, ["UserPoolId": .string(pool)]),
            ] {
                await #expect(throws: IdentityError.self) { try await fixture.admin(operation, request) }
            }
            #expect(try await lines(fixture).isEmpty)
        }
    }

    @Test("A protected pool is not deleted until its protection is; a deleted one has no users, clients, keys or file")
    func pools() async throws {
        try await Fixture.with { fixture in
            let (pool, client) = try await pool(fixture, ["DeletionProtection": "ACTIVE", "UsernameAttributes": ["email"]])
            try await fixture.user(pool, "ada@example.com")
            let token = try await fixture.signIn(client, "ada@example.com")["AuthenticationResult"]?["AccessToken"]
            let named: JSONObject = ["UserPoolId": .string(pool)]
            await expect(.poolProtected) { try await fixture.admin(.deleteUserPool, named) }
            // What only creation decides stays; what isn't given goes back.
            try await fixture.admin(.updateUserPool, named + ["DeletionProtection": "INACTIVE", "PoolName": "renamed"])
            let shown = try await fixture.admin(.describeUserPool, named)["UserPool"]
            #expect(shown?["Name"] == "renamed" && shown?["UsernameAttributes"] == ["email"] && shown?["DeletionProtection"] == "INACTIVE")

            #expect(try await fixture.admin(.deleteUserPool, named) == [:])
            for (operation, request) in [
                (Operation.deleteUserPool, named), (.describeUserPool, named), (.listUsers, named),
                (.adminGetUser, named + ["Username": "ada@example.com"]),
            ] {
                await expect(.noSuchPool(pool)) { try await fixture.admin(operation, request) }
            }
            await expect(.noSuchClient(client)) { _ = try await fixture.signIn(client, "ada@example.com") }
            await expect(.invalidAccessToken) { _ = try await fixture.open(.getUser, ["AccessToken": token ?? .null]) }
            #expect(try Directory.list("\(fixture.folder)/pools").isEmpty)
            #expect(try await lines(fixture).map(\.user) == [nil])
        }
    }

    @Test("What was entered and then cut off by a crash is carried out by the next process")
    func interrupted() async throws {
        try await Fixture.with { fixture in
            let (pool, _) = try await pool(fixture)
            try await fixture.user(pool, "ada")
            let other = try await fixture.pool()
            let user = try await fixture.api.user("ada", in: try await fixture.api.pool(pool))
            // As far as the fail point identity.after-erasure-entered.
            func line(_ tenant: String, _ user: String?) -> (UInt64) -> Erasure {
                { Erasure(number: $0, tenant: tenant, user: user, principal: "", requestID: "", time: .epoch) }
            }
            _ = try await fixture.api.index.enter(tenant: pool, user: user.subject.description, line(pool, user.subject.description))
            _ = try await fixture.api.index.enter(tenant: other, user: nil, line(other, nil))
            #expect(try Directory.list("\(fixture.folder)/pools").contains("\(other).sqlite"))
            let next = try Fixture(folder: fixture.folder)
            #expect(try await next.api.erasures.carryOutPending() == 2)
            #expect(try await next.api.erasures.carryOutPending() == 0)
            #expect(try Directory.list("\(fixture.folder)/pools").filter { $0.hasPrefix(other) }.isEmpty)
            await expect(.noSuchUser) { try await next.admin(.adminGetUser, ["UserPoolId": .string(pool), "Username": "ada"]) }
        }
    }

    @Test("A backup that is restored lets nobody in until notes and audit have told what was erased since, and then not those")
    func restored() async throws {
        try await Fixture.with { fixture in
            let (pool, _) = try await pool(fixture)
            for name in ["ada", "grace"] { try await fixture.user(pool, name) }
            let backup = "\(fixture.folder)/backup"
            try await fixture.api.files.copy(to: BackupTarget(folder: backup))
            // Erased between the two copies.
            try await fixture.admin(.adminDeleteUser, ["UserPoolId": .string(pool), "Username": "ada"])
            try await fixture.api.index.copy(to: "\(backup)/index.sqlite")
            try await fixture.admin(.adminDeleteUser, ["UserPoolId": .string(pool), "Username": "grace"])
            let known = try await lines(fixture)
            #expect(known.count == 2)

            try File.create("\(backup)/.restored", with: [])
            let desk = try Fixture(folder: backup).api.erasures
            let list = try await desk.index.listName()
            // What it lacks may be said anew, under the same number: whoever has read its list before reads it again.
            #expect(try await list != fixture.api.index.listName())
            func ask(_ after: Erasure?, _ known: [Erasure], as reader: ServiceName, hasMore: Bool = false) async throws -> ErasuresResponse {
                let request = ErasuresRequest(
                    list: list, after: after?.number ?? 0, code: after?.code ?? [], wait: 0, known: known, hasMore: hasMore)
                return try await desk.answer(request, of: reader, unless: { false })
            }
            // One that this service did not write is not taken.
            var forged = known[1]
            forged.user = UUID(high: 5, low: 5).description
            #expect(try await ask(known[0], [forged], as: .notes).head == 1)
            // Nor is anything, where what was read is not what the list has.
            for parted in [known[1], forged] {
                #expect(
                    try await ask(parted, [known[1]], as: .notes)
                        == ErasuresResponse(list: list, isContinued: false, head: 1, isSettled: false, erasures: []))
            }
            #expect(try await ask(known[0], known, as: .notes).erasures == [known[1]])
            _ = try await ask(nil, [], as: .audit, hasMore: true)
            #expect(try await desk.carryOutPending() == 2)
            _ = try await desk.carryOutPending()
            #expect(!desk.isOpen, "audit has more to give back")
            _ = try await ask(nil, [], as: .audit)
            #expect(desk.isOpen)
            #expect(try await desk.index.erasures(after: 0, limit: 9) == known)
            let restored = try Fixture(folder: backup)
            for name in ["ada", "grace"] {
                await expect(.noSuchUser) { try await restored.admin(.adminGetUser, ["UserPoolId": .string(pool), "Username": .string(name)]) }
            }
        }
    }

    @Test("What a restored list lacks goes behind what it has, where other lines have its numbers by now")
    func parted() async throws {
        try await Fixture.with { fixture in
            let (pool, _) = try await pool(fixture)
            for name in ["ada", "grace"] { try await fixture.user(pool, name) }
            let backup = "\(fixture.folder)/backup"
            try await fixture.api.files.copy(to: BackupTarget(folder: backup))
            try await fixture.api.index.copy(to: "\(backup)/index.sqlite")
            try await fixture.admin(.adminDeleteUser, ["UserPoolId": .string(pool), "Username": "ada"])
            let former = try await lines(fixture)

            let restored = try Fixture(folder: backup)
            try await restored.admin(.adminDeleteUser, ["UserPoolId": .string(pool), "Username": "grace"])
            let (desk, list) = (restored.api.erasures, try await restored.api.index.listName())
            for _ in 0..<2 {
                let request = ErasuresRequest(list: list, after: 0, code: [], wait: 0, known: former)
                let answer = try await desk.answer(request, of: .notes, unless: { false })
                #expect(answer.erasures.map(\.number) == [1, 2] && answer.erasures.last?.user == former[0].user)
                #expect(!answer.isSettled, "audit may know of more")
                #expect(desk.waiting(for: .notes) == 2)
            }
            #expect(try await desk.carryOutPending() == 1)
            await expect(.noSuchUser) { try await restored.admin(.adminGetUser, ["UserPoolId": .string(pool), "Username": "ada"]) }
            // As a line of this list it is given back again.
            let lines = try await lines(restored)
            let next = ErasuresRequest(list: list, after: 2, code: lines[1].code, wait: 0)
            #expect(try await desk.answer(next, of: .notes, unless: { false }).isContinued && desk.waiting(for: .notes) == 0)
            #expect(try await desk.answer(next, of: .audit, unless: { false }).isSettled)
            #expect(
                try await fixture.api.erasures.answer(
                    ErasuresRequest(list: try await fixture.api.index.listName(), after: 0, code: [], wait: 0, known: [lines[0]]), of: .audit,
                    unless: { false }
                ).head == 2)
        }
    }

    @Test("An index of before there were erasures is brought up to date when it is opened, with all it had")
    func olderIndex() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            let older = "\(fixture.folder)/older"
            try await fixture.api.files.copy(to: BackupTarget(folder: older))
            try await fixture.api.index.copy(to: "\(older)/index.sqlite")
            do {
                let file = try Connection(path: "\(older)/index.sqlite", role: .writer)
                try file.execute("DROP TABLE erasure; DROP TABLE erasure_list")
                try file.setUserVersion(1)
            }
            let opened = try Fixture(folder: older)
            try await opened.admin(.deleteUserPool, ["UserPoolId": .string(pool)])
            #expect(try await opened.api.index.erasures(after: 0, limit: 9).map(\.tenant) == [pool])
        }
    }

    @Test("Nothing of a deleted user is left in the pool's file, nor of a deleted client in the index")
    func files() async throws {
        try await Fixture.with { fixture in
            let (pool, client) = try await pool(fixture)
            for number in 0..<40 { try await fixture.user(pool, "somebody-\(number)") }
            try await fixture.user(pool, "unmistakable-name")
            let hash = try #require(try await fixture.api.user("unmistakable-name", in: try await fixture.api.pool(pool)).password?.encoded)
            try await fixture.admin(.adminDeleteUser, ["UserPoolId": .string(pool), "Username": "unmistakable-name"])
            for name in try Directory.list("\(fixture.folder)/pools") where name.hasPrefix(pool) {
                let text = String(decoding: try File.read("\(fixture.folder)/pools/\(name)", limit: 1 << 26), as: UTF8.self)
                #expect(!text.contains("unmistakable-name") && !text.contains(hash), "\(name)")
            }
            try await fixture.admin(.deleteUserPoolClient, ["UserPoolId": .string(pool), "ClientId": .string(client)])
            await expect(.noSuchClient(client)) { _ = try await fixture.signIn(client, "somebody-1") }
            await expect(.noSuchClient(client)) {
                try await fixture.admin(.deleteUserPoolClient, ["UserPoolId": .string(pool), "ClientId": .string(client)])
            }
        }
    }

    @Test("A disabled user neither signs in nor refreshes, until enabled; a deleted group has no members")
    func disabledUsersAndGroups() async throws {
        try await Fixture.with { fixture in
            let (pool, client) = try await pool(fixture)
            try await fixture.user(pool, "ada")
            let named: JSONObject = ["UserPoolId": .string(pool), "Username": "ada"]
            try await fixture.admin(.adminDisableUser, named)
            #expect(try await fixture.admin(.adminGetUser, named)["Enabled"] == false)
            await expect(.userDisabled) { _ = try await fixture.signIn(client, "ada") }
            try await fixture.admin(.adminEnableUser, named)
            #expect(try await fixture.signIn(client, "ada")["AuthenticationResult"] != nil)

            let group: JSONObject = ["UserPoolId": .string(pool), "GroupName": "readers"]
            try await fixture.admin(.createGroup, group)
            try await fixture.admin(.adminAddUserToGroup, group + ["Username": "ada"])
            try await fixture.admin(.deleteGroup, group)
            await expect(.noSuchGroup) { try await fixture.admin(.deleteGroup, group) }
            #expect(try await fixture.admin(.adminListGroupsForUser, named)["Groups"] == [])
        }
    }
}
