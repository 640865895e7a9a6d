import Encodings
import JSON

/// RespondToAuthChallenge and AdminRespondToAuthChallenge: NEW_PASSWORD_REQUIRED.
extension IdentityAPI {
    private enum Challenge: String, CaseIterable {
        case smsMFA = "SMS_MFA"
        case emailOTP = "EMAIL_OTP"
        case softwareTokenMFA = "SOFTWARE_TOKEN_MFA"
        case selectMFAType = "SELECT_MFA_TYPE"
        case mfaSetup = "MFA_SETUP"
        case passwordVerifier = "PASSWORD_VERIFIER"
        case custom = "CUSTOM_CHALLENGE"
        case select = "SELECT_CHALLENGE"
        case deviceSRP = "DEVICE_SRP_AUTH"
        case deviceVerifier = "DEVICE_PASSWORD_VERIFIER"
        case adminNoSRP = "ADMIN_NO_SRP_AUTH"
        case newPassword = "NEW_PASSWORD_REQUIRED"
        case smsOTP = "SMS_OTP"
        case password = "PASSWORD"
        case webAuthn = "WEB_AUTHN"
        case passwordSRP = "PASSWORD_SRP"
    }

    /// The challenge that a temporary password leads to. Its session carries all there is to know, and the password's generation, so that it is
    /// good for one change of the password.
    func newPasswordRequired(_ user: User, _ client: UserPoolClient, _ pool: UserPool, _ call: APICall) async throws -> JSONObject {
        let session: JSONObject = [
            "challenge": .string(Challenge.newPassword.rawValue), "sub": .string(user.subject.description), "generation": .integer(user.generation),
            "client": .string(client.id), "exp": .integer(call.now.seconds + client.validity.session),
        ]
        var attributes: JSONObject = [:]
        for attribute in user.attributes where client.canRead(attribute.name) { attributes[attribute.name] = .string(attribute.value) }
        return [
            "ChallengeName": .string(Challenge.newPassword.rawValue),
            "Session": .string(try await files.keys(of: pool.id).sealer.seal(session: session)),
            "ChallengeParameters": [
                "USER_ID_FOR_SRP": .string(user.username), "requiredAttributes": "[]",
                "userAttributes": .string(String(decoding: JSON.encode(.object(attributes)), as: UTF8.self)),
            ],
        ]
    }

    func respondToAuthChallenge(_ input: inout Input, _ call: APICall, isAdmin: Bool) async throws -> JSONObject {
        let poolID = isAdmin ? try input.text("UserPoolId", .poolID) : nil
        let clientID = try input.text("ClientId", .clientID)
        let challenge = try input.requiredChoice("ChallengeName", Challenge.self)
        let session = try input.optionalText("Session", .session)
        let responses = AuthParameters(try input.map("ChallengeResponses"))
        try input.check()
        guard let challenge else { throw IdentityError.missingParameter("ChallengeName") }
        let (client, pool) = try await client(clientID, in: poolID)
        if !isAdmin { try throttle.admit(source: call.source ?? "", at: call.now) }
        guard challenge == .newPassword else {
            throw IdentityError(.unsupportedOperation, "\(challenge.rawValue) is not supported by this user pool service.")
        }
        guard let session else { throw IdentityError.missingParameter("Session") }
        return try await changePassword(session, responses, client, pool, call)
    }

    private func changePassword(
        _ session: String, _ responses: AuthParameters, _ client: UserPoolClient, _ pool: UserPool, _ call: APICall
    ) async throws -> JSONObject {
        let username = try responses.username()
        let password = try responses.text("NEW_PASSWORD")
        guard let claims = try await files.keys(of: pool.id).sealer.open(session: session), claims["client"]?.string == client.id,
            claims["challenge"]?.string == Challenge.newPassword.rawValue, let subject = claims["sub"]?.string.flatMap({ UUID($0) }),
            let generation = claims["generation"]?.int, let expiry = claims["exp"]?.int
        else { throw IdentityError.invalidSession }
        guard call.now.seconds < expiry else { throw IdentityError.sessionExpired }
        let (owner, named) = try await files.with(pool.id) { (try $0.user(subject: subject), try $0.user(named: username, in: pool)) }
        guard let user = owner, user.id == named?.id || username == subject.description else { throw IdentityError.invalidSession }
        try SecretHash.check(responses["SECRET_HASH"], client: client, usernames: [username, user.username])
        guard user.generation == generation, user.status == .forceChangePassword else { throw IdentityError.sessionUsed }
        guard user.isEnabled else { throw IdentityError.userDisabled }
        try pool.passwordPolicy.check(password)
        let given = responses.members("userAttributes.").map { UserAttribute(name: $0.name, value: $0.value) }
        _ = try user.attributes(changedBy: given, through: client, in: pool)

        let hash = try await hash(password, in: pool)
        // Hashing takes its time, and waits for its turn: what was acknowledged meanwhile counts.
        let (client, pool) = try await self.client(client.id, in: pool.id)
        let id = user.id
        let changed: User? = try await files.with(pool.id) {
            // Disabled, or an address may have gone to somebody else.
            guard let now = try $0.user(id: id) else { return nil }
            guard now.isEnabled else { throw IdentityError.userDisabled }
            let all = try now.attributes(changedBy: given, through: client, in: pool)
            let changes = given.isEmpty ? nil : (all: all, aliases: pool.aliases(of: all))
            guard
                try $0.setPassword(
                    hash, of: id, ifGeneration: generation, status: .confirmed, expiresAt: nil, at: call.now, attributes: changes) != nil
            else { return nil }
            return try $0.user(id: id)
        }
        guard let changed else { throw IdentityError.sessionUsed }
        return try await tokens(for: changed, client, pool, call)
    }
}

extension User {
    /// The attributes after a user has set some of them with a new password: those the client may write and the pool lets change. Whether an
    /// address is verified isn't the user's to say, and a changed address no longer is.
    fileprivate func attributes(
        changedBy given: [UserAttribute], through client: UserPoolClient, in pool: UserPool
    ) throws(IdentityError) -> [UserAttribute] {
        var result = attributes
        for attribute in given {
            guard !UserAttribute.booleans.contains(attribute.name) else {
                throw IdentityError(.notAuthorized, "Cannot modify an already provided \(attribute.name)")
            }
            let rule = TextRule.attributeValue
            guard TextRule.attributeName.violation(attribute.name) == nil, rule.violation(attribute.value) == nil else {
                throw IdentityError(.invalidParameter, "Invalid attributes given.")
            }
            // Client libraries send back what the challenge showed them, which may be from before its bounds were held to.
            let isChanged = self.attribute(attribute.name) != attribute.value
            if isChanged { try attribute.check(against: pool) }
            guard client.canWrite(attribute.name) else { throw .unauthorizedAttribute }
            guard isChanged else { continue }
            // An administrator's word is all that makes it theirs to sign in with.
            guard !pool.usernameAttributes.contains(where: { $0.rawValue == attribute.name }) else {
                throw IdentityError(.notAuthorized, "Cannot modify an already provided \(attribute.name)")
            }
            guard !pool.isImmutable(attribute.name) else { throw .immutableAttribute(attribute.name) }
            result.removeAll { $0.name == attribute.name || $0.name == "\(attribute.name)_verified" }
            result.append(attribute)
        }
        guard result.count <= UserAttribute.maximumCount else { throw IdentityError(.invalidParameter, "Too many attributes given.") }
        return result
    }
}
