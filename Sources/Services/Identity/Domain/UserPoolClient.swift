import Encodings
import JSON

/// An app client of a pool.
struct UserPoolClient: Sendable {
    let id: String
    let poolID: String
    let name: String
    /// Nil for a public client.
    let secret: String?
    /// The members of `UserPoolClientType` that creation decides.
    let settings: JSONObject
    let createdAt: Timestamp
    let modifiedAt: Timestamp

    let flows: Set<AuthFlowPermission>
    let validity: TokenValidity
    /// Whether an unknown user is answered like a wrong password.
    let hidesUnknownUsers: Bool
    /// Nil: all attributes.
    let readableAttributes: Set<String>?

    static let maximumPerPool = 1000

    var json: JSONValue {
        var object: JSONObject = ["UserPoolId": .string(poolID), "ClientName": .string(name), "ClientId": .string(id)]
        object.put("ClientSecret", secret.map { .string($0) })
        object["LastModifiedDate"] = .date(modifiedAt)
        object["CreationDate"] = .date(createdAt)
        return .object(object.merging(settings))
    }

    var summary: JSONValue { ["ClientId": .string(id), "UserPoolId": .string(poolID), "ClientName": .string(name)] }

    func canRead(_ attribute: String) -> Bool { attribute == "sub" || readableAttributes?.contains(attribute) ?? true }
}
