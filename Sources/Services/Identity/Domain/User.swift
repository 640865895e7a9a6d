import Encodings
import JSON

/// One user of a pool.
struct User: Hashable, Sendable {
    enum Status: String, Sendable {
        case unconfirmed = "UNCONFIRMED"
        case confirmed = "CONFIRMED"
        case resetRequired = "RESET_REQUIRED"
        case forceChangePassword = "FORCE_CHANGE_PASSWORD"
    }

    /// Row number, for paging and memberships.
    let id: Int64
    /// The user's id everywhere outside this service.
    let subject: UUID
    /// As it was given, or the subject where people sign in by address.
    let username: String
    var status: Status
    var isEnabled: Bool
    /// Nil until a password has been set.
    var password: PasswordHash?
    /// When a temporary password can no longer be used; nil for a permanent one.
    var passwordExpiresAt: Timestamp?
    /// Another one whenever the password is set or the user is disabled, so that a challenge made before is recognised as used, and a refresh token as revoked.
    var generation: Int64
    var attributes: [UserAttribute]
    let createdAt: Timestamp
    var modifiedAt: Timestamp

    func attribute(_ name: String) -> String? { attributes.first { $0.name == name }?.value }

    /// With `sub` first, as the service lists them.
    var allAttributes: [UserAttribute] { [UserAttribute(name: "sub", value: subject.description)] + attributes }

    /// `UserType`, with `Attributes` under the name the operation gives them.
    func json(attributesNamed name: String, only names: Set<String>? = nil) -> JSONObject {
        let shown = allAttributes.filter { names?.contains($0.name) ?? true }
        return [
            "Username": .string(username), name: .array(shown.map(\.json)), "UserCreateDate": .date(createdAt),
            "UserLastModifiedDate": .date(modifiedAt), "Enabled": .bool(isEnabled), "UserStatus": .string(status.rawValue),
        ]
    }
}
