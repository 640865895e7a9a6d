public import Encodings
internal import JSON

/// An access key of the account's root principal, who may do everything. Only the authorizer has it, and the operator.
public struct RootKey: Equatable, Sendable {
    public let accessKeyID: String
    public let secret: String
    /// When another took its place; nil for the one to use.
    public internal(set) var replaced: Timestamp? = nil

    public init(accessKeyID: String, secret: String) {
        self.accessKeyID = accessKeyID
        self.secret = secret
    }
}

/// The form of `root.json`: the key to use, and among `replaced` those that are still accepted.
extension RootKey {
    /// - Parameter file: the name errors carry.
    /// - Returns: the key to use first.
    static func parse(_ bytes: [UInt8], file: String) throws(SecretsError) -> [RootKey] {
        // A parse error says no more than that the file is malformed: it could quote the secret.
        guard let document = try? JSON.parse(bytes), let newest = RootKey(document) else {
            throw .malformed(file: file, part: "accessKeyId, secretAccessKey")
        }
        guard let member = document["replaced"] else { return [newest] }
        var keys = [newest]
        for entry in member.array ?? [.null] {
            guard var key = RootKey(entry), let seconds = entry["replaced"]?.int else { throw .malformed(file: file, part: "replaced") }
            key.replaced = Timestamp(seconds: seconds)
            keys.append(key)
        }
        return keys
    }

    static func json(_ keys: [RootKey]) -> [UInt8] {
        var document = keys[0].members
        if keys.count > 1 { document["replaced"] = .array(keys.dropFirst().map { Keyring.entry($0.members, replaced: $0.replaced) }) }
        return JSON.encode(.object(document))
    }

    private init?(_ entry: JSONValue) {
        guard let id = entry["accessKeyId"]?.string, let secret = entry["secretAccessKey"]?.string, !id.isEmpty, !secret.isEmpty else { return nil }
        self.init(accessKeyID: id, secret: secret)
    }

    private var members: JSONObject { ["accessKeyId": .string(accessKeyID), "secretAccessKey": .string(secret)] }
}
