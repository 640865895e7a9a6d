import Crypto
import Encodings
import JSON

/// InitiateAuth and AdminInitiateAuth.
extension IdentityAPI {
    func initiateAuth(_ input: inout Input, _ call: APICall, isAdmin: Bool) async throws -> JSONObject {
        let poolID = isAdmin ? try input.text("UserPoolId", .poolID) : nil
        let clientID = try input.text("ClientId", .clientID)
        let flow = try input.requiredChoice("AuthFlow", AuthFlow.self)
        let parameters = AuthParameters(try input.map("AuthParameters"))
        try input.refuse("Session")
        try input.check()
        guard let flow else { throw IdentityError.missingParameter("AuthFlow") }
        let (client, pool) = try await client(clientID, in: poolID)
        try Self.check(flow, client, isAdmin: isAdmin)
        if !isAdmin { try throttle.admit(source: call.source ?? "", at: call.now) }
        switch flow {
        case .refreshToken, .refreshTokenAuth: return try await refresh(parameters, client, pool, call)
        default: return try await signIn(parameters, client, pool, call)
        }
    }

    private static func check(_ flow: AuthFlow, _ client: UserPoolClient, isAdmin: Bool) throws(IdentityError) {
        switch flow {
        case .adminNoSRP, .adminUserPassword:
            guard isAdmin else { throw IdentityError(.invalidParameter, "Initiate Auth method not supported.") }
            guard client.allows(flow) else { throw IdentityError(.invalidParameter, "Auth flow not enabled for this client") }
        case .userPassword:
            guard !isAdmin else { throw IdentityError(.invalidParameter, "Initiate Auth method not supported.") }
            guard client.allows(flow) else { throw IdentityError(.invalidParameter, "USER_PASSWORD_AUTH flow not enabled for this client") }
        case .refreshToken, .refreshTokenAuth:
            guard client.allows(flow) else { throw IdentityError(.invalidParameter, "Auth flow not enabled for this client") }
        case .srp, .custom, .choice:
            guard client.allows(flow) else { throw IdentityError(.invalidParameter, "\(flow.rawValue) is not enabled for the client.") }
            throw IdentityError(.unsupportedOperation, "\(flow.rawValue) is not supported by this user pool service.")
        }
    }

    /// Name and password. What is refused for less is checked first; the hash comes last, behind both throttles.
    private func signIn(_ parameters: AuthParameters, _ client: UserPoolClient, _ pool: UserPool, _ call: APICall) async throws -> JSONObject {
        let username = try parameters.username()
        let password = try parameters.password()
        try SecretHash.check(parameters["SECRET_HASH"], client: client, usernames: [username])
        let key = pool.key(of: username)
        let user = try await files.with(pool.id) { try $0.user(named: username, in: pool) }
        if !client.hidesUnknownUsers { try Self.requireAble(user) }
        let (attempts, isLocked) = try begin(as: key, user, client, pool, call)
        let isRight: Bool
        do {
            isRight = try await compare(password, with: isLocked ? nil : user, in: pool)
        } catch {
            for attempt in attempts { throttle.abandoned(attempt, at: call.now) }
            throw error
        }
        guard isRight, let user else {
            for attempt in attempts { throttle.failed(attempt, at: call.now) }
            throw IdentityError.wrongPassword
        }
        for attempt in attempts { throttle.succeeded(attempt, at: call.now) }
        // Hashing takes its time, and waits for its turn: what was acknowledged meanwhile counts.
        let (client, pool) = try await self.client(client.id, in: pool.id)
        guard let now = try await files.with(pool.id, { try $0.user(id: user.id) }) else { throw IdentityError.wrongPassword }
        // The password that was set meanwhile is the one to be compared with; it may be the same.
        guard now.generation == user.generation else { return try await signIn(parameters, client, pool, call) }
        try Self.requireAble(now)
        return try await proceed(now, client, pool, call)
    }

    /// An attempt counts for the name that was given and for the user that it leads to. Through a client that keeps to itself who exists, a user who is locked after
    /// failures under another of their names is as nobody under this one: else it would show that both are theirs.
    private func begin(
        as name: String, _ user: User?, _ client: UserPoolClient, _ pool: UserPool, _ call: APICall
    ) throws(IdentityError) -> (attempts: [SignInThrottle.Attempt], isLocked: Bool) {
        let named = try throttle.begin(pool: pool.id, user: name, at: call.now)
        guard let subject = user?.subject.description, subject != name else { return ([named], false) }
        do throws(IdentityError) {
            return ([named, try throttle.begin(pool: pool.id, user: subject, at: call.now)], false)
        } catch {
            if client.hidesUnknownUsers { return ([named], true) }
            throttle.abandoned(named, at: call.now)
            throw error
        }
    }

    /// Throws unless there is a user who may sign in. Said before the password is looked at (§5.3), but not through a client that keeps to itself who
    /// exists: there it takes the right password.
    private static func requireAble(_ user: User?) throws(IdentityError) {
        guard let user else { throw .noSuchUser }
        guard user.isEnabled else { throw .userDisabled }
        guard user.status != .unconfirmed else { throw .userNotConfirmed }
    }

    /// One hash, whoever it is, and as long for nobody as for a user that exists.
    private func compare(_ password: String, with user: User?, in pool: UserPool) async throws -> Bool {
        if let stored = user?.password { return try await compute(on: passwords, for: pool) { try stored.matches(password) } }
        let decoy = PasswordHash(parameters: hashing, salt: Random.bytes(PasswordHash.saltByteCount), hash: Random.bytes(32))
        try await orTooManyRequests { try await passwords.pretend(for: pool.id) { _ = try decoy.matches(password) } }
        return false
    }

    /// What follows a right password: a refusal, a challenge or tokens.
    private func proceed(_ user: User, _ client: UserPoolClient, _ pool: UserPool, _ call: APICall) async throws -> JSONObject {
        if let expiry = user.passwordExpiresAt, call.now >= expiry { throw IdentityError.temporaryPasswordExpired }
        switch user.status {
        case .unconfirmed: throw IdentityError.userNotConfirmed
        case .resetRequired: throw IdentityError.resetRequired
        case .forceChangePassword: return try await newPasswordRequired(user, client, pool, call)
        case .confirmed: return try await tokens(for: user, client, pool, call)
        }
    }
}
