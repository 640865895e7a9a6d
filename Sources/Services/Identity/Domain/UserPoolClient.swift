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
    /// What its users may set of themselves through it. Nil: all attributes that are theirs to set at all.
    let writableAttributes: Set<String>?

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

    func canWrite(_ attribute: String) -> Bool { writableAttributes?.contains(attribute) ?? true }

    /// Throws unless the pool has all attributes that the client names, and those to be written may be written by somebody.
    func checkAttributes(against pool: UserPool) throws(IdentityError) {
        let all = UserAttribute.standard.union(pool.customAttributes.keys)
        guard readableAttributes?.isSubset(of: all.union(["sub"])) ?? true else {
            throw IdentityError(.invalidParameter, "Invalid read attributes specified while creating a client")
        }
        let writable = all.subtracting(UserAttribute.booleans).filter { !pool.isImmutable($0) }
        guard writableAttributes?.isSubset(of: writable) ?? true else {
            throw IdentityError(.invalidParameter, "Invalid write attributes specified while creating a client")
        }
    }
}
