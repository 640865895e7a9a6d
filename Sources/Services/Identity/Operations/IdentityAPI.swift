import Crypto
import Encodings
import JSON

/// The AWS JSON 1.1 API: an operation's name and a request object in, a response object out. Knows nothing of HTTP.
struct IdentityAPI: Sendable {
    let region: String
    let account: String
    /// What issuers begin with.
    let publicURL: String
    let index: IdentityIndex
    let files: PoolFiles
    let secrets: SecretSealer
    /// Makes a pool's keys; called on a thread of `keyMakers`.
    let makeKey: @Sendable () throws(CryptoError) -> RSAPrivateKey
    /// Password hashes.
    let passwords: ComputePool
    /// New keys. They take long to make, and keep no sign-in waiting.
    let keyMakers: ComputePool
    /// Token signatures.
    let signatures: ComputePool
    let throttle: SignInThrottle
    let pageTokens: PageTokens
    let hashing: Argon2id
    let permissions: PermissionCheck
    let erasures: ErasureDesk

    func perform(_ operation: Operation, _ request: JSONObject, _ call: APICall) async throws -> JSONObject {
        if operation.needsPermission {
            try await permissions.require(operation, on: try resource(of: operation, request), by: call)
        }
        var input = Input(request)
        return switch operation {
        case .createUserPool: try await createUserPool(&input, call)
        case .describeUserPool: try await describeUserPool(&input)
        case .listUserPools: try await listUserPools(&input)
        case .updateUserPool: try await updateUserPool(&input, call)
        case .deleteUserPool: try await deleteUserPool(&input, call)
        case .createUserPoolClient: try await createUserPoolClient(&input, call)
        case .describeUserPoolClient: try await describeUserPoolClient(&input)
        case .listUserPoolClients: try await listUserPoolClients(&input)
        case .deleteUserPoolClient: try await deleteUserPoolClient(&input)
        case .adminCreateUser: try await adminCreateUser(&input, call)
        case .adminSetUserPassword: try await adminSetUserPassword(&input, call)
        case .adminGetUser: try await adminGetUser(&input)
        case .listUsers: try await listUsers(&input)
        case .adminDisableUser: try await setEnabled(&input, call, false)
        case .adminEnableUser: try await setEnabled(&input, call, true)
        case .adminDeleteUser: try await adminDeleteUser(&input, call)
        case .createGroup: try await createGroup(&input, call)
        case .getGroup: try await getGroup(&input)
        case .listGroups: try await listGroups(&input)
        case .deleteGroup: try await deleteGroup(&input)
        case .adminAddUserToGroup: try await setMembership(&input, true)
        case .adminRemoveUserFromGroup: try await setMembership(&input, false)
        case .adminListGroupsForUser: try await adminListGroupsForUser(&input)
        case .listUsersInGroup: try await listUsersInGroup(&input)
        case .adminInitiateAuth: try await initiateAuth(&input, call, isAdmin: true)
        case .adminRespondToAuthChallenge: try await respondToAuthChallenge(&input, call, isAdmin: true)
        case .initiateAuth: try await initiateAuth(&input, call, isAdmin: false)
        case .respondToAuthChallenge: try await respondToAuthChallenge(&input, call, isAdmin: false)
        case .getUser: try await getUser(&input, call)
        case .deleteUser: try await deleteUser(&input, call)
        }
    }

    /// `https://…/POOL`: the `iss` of its tokens, and where its documents lie.
    func issuer(of pool: String) -> String { "\(publicURL)/\(pool)" }

    /// The resource permission is needed on: the pool that the request names, or all pools where it names none, or is about none.
    private func resource(of operation: Operation, _ request: JSONObject) throws(IdentityError) -> String {
        let allPools = "arn:aws:cognito-idp:\(region):\(account):userpool/*"
        // A pool's name beside what is not about a pool would let that pool's administrator do it.
        if operation == .createUserPool || operation == .listUserPools { return allPools }
        var input = Input(request)
        let pool = try input.optionalText("UserPoolId", .poolID)
        try input.check()
        return pool.map { "arn:aws:cognito-idp:\(region):\(account):userpool/\($0)" } ?? allPools
    }
}

/// What several operations need.
extension IdentityAPI {
    func pool(_ id: String) async throws -> UserPool {
        guard let pool = try await index.pool(id) else { throw IdentityError.noSuchPool(id) }
        return pool
    }

    /// The client, and that it belongs to the pool an administrator names.
    func client(_ id: String, in poolID: String?) async throws -> (client: UserPoolClient, pool: UserPool) {
        if let poolID { _ = try await pool(poolID) }
        guard let found = try await index.client(id), poolID == nil || found.pool.id == poolID else { throw IdentityError.noSuchClient(id) }
        return found
    }

    /// A user as administrators name one: by name, alias or subject.
    func user(_ name: String, in pool: UserPool) async throws -> User {
        let found = try await files.with(pool.id) { store in
            if let user = try store.user(named: name, in: pool) { return user as User? }
            return try UUID(name).flatMap { try store.user(subject: $0) }
        }
        guard let found else { throw IdentityError.noSuchUser }
        return found
    }

    /// Hashes on a password thread; when too many wait already, the caller is told so.
    func hash(_ password: String, in pool: UserPool) async throws -> PasswordHash {
        let (salt, hashing) = (Random.bytes(PasswordHash.saltByteCount), hashing)
        return try await compute(on: passwords, for: pool) { try PasswordHash(of: password, parameters: hashing, salt: salt) }
    }

    func compute<R: Sendable>(on threads: ComputePool, for pool: UserPool? = nil, _ work: @escaping @Sendable () throws -> R) async throws -> R {
        try await orTooManyRequests { try await threads.run(for: pool?.id, work) }
    }

    func orTooManyRequests<R>(_ work: () async throws -> R) async throws -> R {
        do {
            return try await work()
        } catch is ComputePool.Full {
            throw IdentityError.tooManyRequests
        }
    }
}
