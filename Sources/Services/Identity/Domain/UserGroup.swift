import Encodings
import JSON

/// A group of a pool. Its role is what the authorizer gives its members.
struct UserGroup: Hashable, Sendable {
    let name: String
    let description: String?
    let roleARN: String?
    /// The lowest of a user's groups decides the preferred role; nil comes last.
    let precedence: Int64?
    let createdAt: Timestamp
    let modifiedAt: Timestamp

    /// Most groups of one pool, and groups one user is in.
    static let maximumPerPool = 10_000
    static let maximumPerUser = 100

    /// Sorts, by its bytes, as a user's groups are sorted: by precedence, those without one last, then by name.
    var sortKey: String {
        guard let digits = precedence.map(String.init) else { return "~/\(name)" }
        return String(repeating: "0", count: max(0, 10 - digits.count)) + "\(digits)/\(name)"
    }

    func json(in pool: String) -> JSONValue {
        var object: JSONObject = ["GroupName": .string(name), "UserPoolId": .string(pool)]
        object.put("Description", description.map { .string($0) })
        object.put("RoleArn", roleARN.map { .string($0) })
        object.put("Precedence", precedence.map { .integer($0) })
        object["LastModifiedDate"] = .date(modifiedAt)
        object["CreationDate"] = .date(createdAt)
        return .object(object)
    }
}
