import Backups
import Contracts
import Crypto
import Encodings
import Files
import JSON
import Shards
import Synchronization
import Testing
import Threads

@testable import Identity

/// The API over files of its own, with a clock that tests set, cheap hashes, and a table for the authorizer.
final class Fixture: Sendable {
    static let root = "arn:aws:iam::000000000000:root"
    static let issuerBase = "http://127.0.0.1:8080"

    let api: IdentityAPI
    let folder: String
    private let time = Mutex(Timestamp(seconds: 1_800_000_000))
    private let asked: Asked

    final class Asked: Sendable {
        let questions = Mutex<[String]>([])
        let decision = Mutex(PermissionCheck.Decision.allow)
    }

    init(folder: String? = nil, burst: Int = 10_000, perSecond: Int = 1000, queue: Int = 64) throws {
        let folder = try folder ?? Directory.temporary(prefix: "identity")
        self.folder = folder
        try Directory.create("\(folder)/pools")
        let master = try #require(MasterKey([UInt8](repeating: 9, count: 32)))
        let secrets = try SecretSealer(master)
        let asked = Asked()
        self.asked = asked
        let gate = RestoreGate(data: folder)
        let index = try IdentityIndex(
            path: "\(folder)/index.sqlite", secrets: secrets, isRestored: !gate.isOpen, thread: try WorkerThread(name: "index"))
        let files = PoolFiles(
            folder: "\(folder)/pools", secrets: secrets, thread: try WorkerThread(name: "pools"), capacity: 2, erased: index.erasedUsers)
        api = IdentityAPI(
            region: "us-east-1", account: "000000000000", publicURL: Self.issuerBase,
            index: index, files: files, secrets: secrets,
            makeKey: { () throws(CryptoError) in try Self.key() },
            passwords: try ComputePool(name: "password", threads: 2, capacity: queue),
            keyMakers: try ComputePool(name: "token-keys", threads: 1, capacity: 16),
            signatures: try ComputePool(name: "signature", threads: 1, capacity: 64),
            throttle: SignInThrottle(entries: 1024, burst: burst, perSecond: perSecond), pageTokens: try PageTokens(master),
            hashing: Argon2id(iterations: 1, memoryKiB: 64),
            permissions: PermissionCheck { principal, action, resource, _ in
                asked.questions.withLock { $0.append("\(principal) \(action) \(resource)") }
                return asked.decision.withLock { $0 }
            }, erasures: ErasureDesk(index: index, files: files, master: master, gate: gate))
    }

    /// One of a few keys made for the whole run: making keys is what takes long.
    private static func key() throws(CryptoError) -> RSAPrivateKey {
        try keys[Int(Random.uint64() % UInt64(keys.count))].get()
    }
    private static let keys = (0..<3).map { _ in Result { () throws(CryptoError) in try RSAPrivateKey.generate() } }

    /// Runs a test with a fixture, and removes its files.
    static func with(
        burst: Int = 10_000, perSecond: Int = 1000, queue: Int = 64, _ body: (Fixture) async throws -> Void
    ) async throws {
        let fixture = try Fixture(burst: burst, perSecond: perSecond, queue: queue)
        do {
            try await body(fixture)
        } catch {
            try Directory.removeTree(fixture.folder)
            throw error
        }
        try Directory.removeTree(fixture.folder)
    }

    var now: Timestamp { time.withLock { $0 } }
    var questions: [String] { asked.questions.withLock { $0 } }

    func advance(seconds: Int64) { time.withLock { $0 = $0.adding(seconds: seconds) } }
    func decide(_ decision: PermissionCheck.Decision) { asked.decision.withLock { $0 = decision } }

    /// As the root principal.
    @discardableResult
    func admin(_ operation: Operation, _ request: JSONObject) async throws -> JSONValue {
        try await call(operation, request, as: CallerIdentity(method: .iam, principal: Self.root))
    }

    /// As anyone.
    func open(_ operation: Operation, _ request: JSONObject, from source: String? = "192.0.2.1") async throws -> JSONValue {
        try await call(operation, request, as: .anyone, from: source)
    }

    func call(_ operation: Operation, _ request: JSONObject, as caller: CallerIdentity, from source: String? = nil) async throws -> JSONValue {
        .object(try await api.perform(operation, request, APICall(caller: caller, source: source, requestID: "request", now: now)))
    }

    static let ignoringCase: JSONObject = ["UsernameConfiguration": ["CaseSensitive": false]]

    func pool(_ more: JSONObject = [:]) async throws -> String {
        try #require(try await admin(.createUserPool, ["PoolName": "demo"] as JSONObject + more)["UserPool"]?["Id"]?.string)
    }

    func client(_ pool: String, _ more: JSONObject = [:]) async throws -> String {
        try #require(try await clientJSON(pool, more)["ClientId"]?.string)
    }

    func clientJSON(_ pool: String, _ more: JSONObject = [:]) async throws -> JSONValue {
        let request: JSONObject = [
            "UserPoolId": .string(pool), "ClientName": "app",
            "ExplicitAuthFlows": ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        ]
        return try #require(try await admin(.createUserPoolClient, request + more)["UserPoolClient"])
    }

    /// A user with a permanent password.
    func user(_ pool: String, _ name: String, _ password: String = "Correct-Horse-7", _ more: JSONObject = [:]) async throws {
        try await admin(.adminCreateUser, ["UserPoolId": .string(pool), "Username": .string(name)] as JSONObject + more)
        try await admin(
            .adminSetUserPassword, ["UserPoolId": .string(pool), "Username": .string(name), "Password": .string(password), "Permanent": true])
    }

    func signIn(_ client: String, _ name: String, _ password: String = "Correct-Horse-7", from source: String? = "192.0.2.1") async throws
        -> JSONValue
    {
        try await open(
            .initiateAuth,
            [
                "ClientId": .string(client), "AuthFlow": "USER_PASSWORD_AUTH",
                "AuthParameters": ["USERNAME": .string(name), "PASSWORD": .string(password)],
            ], from: source)
    }

    /// The claims of a token, unverified.
    static func claims(_ token: JSONValue?) throws -> JSONValue {
        let parts = try #require(token?.string).split(separator: ".").map(String.init)
        return try JSON.parse(try #require(Base64URL.decode(parts[1])))
    }
}

func + (left: JSONObject, right: JSONObject) -> JSONObject { left.merging(right) }

/// The error an operation must end with.
func expect(_ error: IdentityError, _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void)
    async
{
    await #expect(throws: error, comment, sourceLocation: sourceLocation) { try await body() }
}

/// How much of a test's work has begun.
final class Count: Sendable {
    private let count = Atomic(0)
    var value: Int { count.load(ordering: .acquiring) }
    func add() { count.add(1, ordering: .releasing) }
}
