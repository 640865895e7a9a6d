import Encodings
import JSON

/// A user pool: the tenant. What was asked for at its creation is kept as it is shown; what is acted upon has a property.
struct UserPool: Sendable {
    let id: String
    let name: String
    /// The members of `UserPoolType` that creation decides.
    let settings: JSONObject
    let createdAt: Timestamp
    let modifiedAt: Timestamp

    let passwordPolicy: PasswordPolicy
    /// What people sign in with instead of a username; empty where they have one.
    let usernameAttributes: [UsernameAttribute]
    /// What people may sign in with besides their username.
    let aliasAttributes: [AliasAttribute]
    let isCaseSensitive: Bool
    /// By name, with the `custom:` prefix.
    let customAttributes: [String: SchemaAttribute]

    enum UsernameAttribute: String, CaseIterable, Sendable { case phone = "phone_number", email }
    enum AliasAttribute: String, CaseIterable, Sendable { case phone = "phone_number", email, preferredUsername = "preferred_username" }

    /// The region and account go into the ARN.
    func json(region: String, account: String, userCount: Int64) -> JSONValue {
        var object: JSONObject = ["Id": .string(id), "Name": .string(name)]
        object = object.merging(settings)
        object["SchemaAttributes"] = .array(SchemaAttribute.standard.map(\.json) + (settings["SchemaAttributes"]?.array ?? []))
        for (name, members) in unasked { object[name] = .object(members.merging(settings[name]?.object ?? [:])) }
        object["LastModifiedDate"] = .date(modifiedAt)
        object["CreationDate"] = .date(createdAt)
        object["EstimatedNumberOfUsers"] = .integer(userCount)
        object["Arn"] = .string("arn:aws:cognito-idp:\(region):\(account):userpool/\(id)")
        return .object(object)
    }

    /// What the service shows of settings that nobody gave; where some were given, what they leave out.
    private var unasked: [(name: String, members: JSONObject)] {
        [
            // Nobody but an administrator makes users here, whatever is asked for.
            (
                "AdminCreateUserConfig",
                ["AllowAdminCreateUserOnly": true, "UnusedAccountValidityDays": .integer(passwordPolicy.temporaryPasswordValidityDays)]
            ),
            ("EmailConfiguration", ["EmailSendingAccount": "COGNITO_DEFAULT"]),
            ("VerificationMessageTemplate", ["DefaultEmailOption": "CONFIRM_WITH_CODE"]),
        ]
    }

    /// Whether it can't be deleted until that is changed.
    var isProtected: Bool { settings["DeletionProtection"]?.string == "ACTIVE" }

    /// What the pool's schema says of the attribute; nil where it has none of this name.
    func schema(of attribute: String) -> SchemaAttribute? { customAttributes[attribute] ?? SchemaAttribute.standard(attribute) }

    /// Whether the attribute is set when a user is made and never again.
    func isImmutable(_ attribute: String) -> Bool { customAttributes[attribute].map { !$0.isMutable } ?? false }

    /// A name as it is compared: folded unless the pool tells cases apart.
    func key(of username: String) -> String { isCaseSensitive ? username : username.lowercased() }

    /// The form of an address that could be somebody's alias, where a name has it: so it is nobody's username or preferred name, which nothing verifies.
    func addressForm(of name: String) -> String? {
        if aliasAttributes.contains(.email), UserAttribute.hasEmailForm(name) { return "email" }
        if aliasAttributes.contains(.phone), UserAttribute.isPhoneNumber(name) { return "phone number" }
        return nil
    }

    /// The attributes that must be nobody else's in this pool.
    func aliases(of attributes: [UserAttribute]) -> [UserAttribute] {
        attributes.filter { attribute in
            guard !attribute.value.isEmpty else { return false }
            if usernameAttributes.contains(where: { $0.rawValue == attribute.name }) { return true }
            guard let alias = AliasAttribute(rawValue: attribute.name), aliasAttributes.contains(alias) else { return false }
            // An address is an alias once it is known to be the user's.
            switch alias {
            case .preferredUsername: return addressForm(of: attribute.value) == nil
            case .email, .phone: return attributes.contains { $0.name == "\(alias.rawValue)_verified" && $0.isTrue }
            }
        }.map { UserAttribute(name: $0.name, value: key(of: $0.value)) }
    }
}
