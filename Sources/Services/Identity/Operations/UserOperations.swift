import Encodings
import JSON

/// AdminCreateUser, AdminSetUserPassword, AdminGetUser.
extension IdentityAPI {
    private enum DeliveryMedium: String, CaseIterable { case sms = "SMS", email = "EMAIL" }
    private enum MessageAction: String, CaseIterable { case resend = "RESEND", suppress = "SUPPRESS" }

    func adminCreateUser(_ input: inout Input, _ call: APICall) async throws -> JSONObject {
        let poolID = try input.text("UserPoolId", .poolID)
        let username = try input.text("Username", .username)
        let password = try input.optionalText("TemporaryPassword", .password)
        let attributes = try input.attributes("UserAttributes")
        let action = try input.choice("MessageAction", MessageAction.self)
        let movesAliases = try input.flag("ForceAliasCreation") ?? false
        // No message is sent by any.
        _ = try input.choices("DesiredDeliveryMediums", DeliveryMedium.self)
        try input.check()
        let pool = try await pool(poolID)
        if let password { try pool.passwordPolicy.check(password) }
        if action == .resend {
            // One made here would replace a password that is known with one that nobody learns.
            guard let password else { throw IdentityError.nothingToResend }
            return try await renew(username, password, in: pool, call)
        }
        let temporary = password ?? Identifiers.temporaryPassword(length: pool.passwordPolicy.minimumLength)

        let subject = Identifiers.uuid()
        let all = try pool.attributes(attributes, forUserNamed: username)
        // Where people sign in with an address, their name is the subject.
        let name = pool.usernameAttributes.isEmpty ? username : subject.description
        let new = UserPoolStore.NewUser(
            subject: subject, username: name, key: pool.key(of: name), status: .forceChangePassword, password: try await hash(temporary, in: pool),
            passwordExpiresAt: pool.passwordPolicy.expiry(ofTemporaryPasswordSetAt: call.now), attributes: all, aliases: pool.aliases(of: all),
            // Where people sign in with an address it is their name, and stays theirs.
            movesAliases: movesAliases && pool.usernameAttributes.isEmpty, createdAt: call.now)
        let user = try await files.with(poolID) { try $0.insert(new) }
        return ["User": .object(user.json(attributesNamed: "Attributes"))]
    }

    /// RESEND: a new temporary password for a user who has not signed in yet.
    private func renew(_ username: String, _ temporary: String, in pool: UserPool, _ call: APICall) async throws -> JSONObject {
        var user = try await user(username, in: pool)
        let refusal = IdentityError(.unsupportedUserState, "Resend not possible. \(username) status is not FORCE_CHANGE_PASSWORD")
        guard user.status == .forceChangePassword else { throw refusal }
        let password = try await hash(temporary, in: pool)
        let expiry = pool.passwordPolicy.expiry(ofTemporaryPasswordSetAt: call.now)
        let (id, known) = (user.id, user.generation)
        let generation = try await files.with(pool.id) {
            try $0.setPassword(
                password, of: id, ifGeneration: known, status: .forceChangePassword, expiresAt: expiry, at: call.now)
        }
        // They have chosen one of their own meanwhile, or been given another.
        guard generation != nil else { throw refusal }
        user.modifiedAt = call.now
        return ["User": .object(user.json(attributesNamed: "Attributes"))]
    }

    func adminSetUserPassword(_ input: inout Input, _ call: APICall) async throws -> JSONObject {
        let poolID = try input.text("UserPoolId", .poolID)
        let username = try input.text("Username", .username)
        let password = try input.text("Password", .password)
        let isPermanent = try input.flag("Permanent") ?? false
        try input.check()
        let pool = try await pool(poolID)
        let user = try await user(username, in: pool)
        try pool.passwordPolicy.check(password)
        let hash = try await hash(password, in: pool)
        let expiry = isPermanent ? nil : pool.passwordPolicy.expiry(ofTemporaryPasswordSetAt: call.now)
        _ = try await files.with(poolID) {
            try $0.setPassword(hash, of: user.id, status: isPermanent ? .confirmed : .forceChangePassword, expiresAt: expiry, at: call.now)
        }
        return [:]
    }

    func adminGetUser(_ input: inout Input) async throws -> JSONObject {
        let poolID = try input.text("UserPoolId", .poolID)
        let username = try input.text("Username", .username)
        try input.check()
        return try await user(username, in: try await pool(poolID)).json(attributesNamed: "UserAttributes")
    }
}

extension PasswordPolicy {
    fileprivate func expiry(ofTemporaryPasswordSetAt now: Timestamp) -> Timestamp {
        now.adding(seconds: Int64(temporaryPasswordValidityDays) * 86_400)
    }
}

extension UserPool {
    /// The attributes of a user to be made: those given, checked, and the address that stands for the name where people sign in with one.
    fileprivate func attributes(_ given: [UserAttribute], forUserNamed username: String) throws(IdentityError) -> [UserAttribute] {
        for attribute in given { try attribute.check(against: self) }
        guard !usernameAttributes.isEmpty else {
            if let form = addressForm(of: username) { throw .looksLikeAddress("Username", form) }
            return given
        }
        let name: String
        if usernameAttributes.contains(.email), UserAttribute.isEmail(username) {
            name = "email"
        } else if usernameAttributes.contains(.phone), UserAttribute.isPhoneNumber(username) {
            name = "phone_number"
        } else {
            let kinds = usernameAttributes.map { $0 == .email ? "an email" : "a phone number" }.joined(separator: " or ")
            throw IdentityError(.invalidParameter, "Username should be \(kinds).")
        }
        return given.filter { $0.name != name } + [UserAttribute(name: name, value: username)]
    }
}
