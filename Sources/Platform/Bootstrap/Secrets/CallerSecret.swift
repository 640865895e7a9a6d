public import Contracts
internal import Encodings
internal import JSON

/// An access key one service calls another with, as the authorizer has it, who derives what the callee is to have. Its file is `callers.json`.
public struct CallerSecret: Equatable, Sendable {
    public let caller: ServiceName
    public let callee: ServiceName
    public let accessKeyID: String
    public let secret: String
    /// When the caller took another; nil for one that it may be using.
    var replaced: Timestamp? = nil
}

extension CallerSecret {
    /// What the callee has of it.
    func key(region: String, at now: Timestamp) -> Keyring.CallerKey {
        let material: Keyring.CallerKey.Material =
            callee == .authorizer ? .secret(secret) : .days(SigningDays(secret: secret, region: region, callee: callee.rawValue, at: now))
        return Keyring.CallerKey(caller: caller, accessKeyID: accessKeyID, material: material, replaced: replaced)
    }

    /// - Parameter file: the name errors carry.
    static func parse(_ bytes: [UInt8], file: String) throws(SecretsError) -> [CallerSecret] {
        // A parse error says no more than that the file is malformed: it could quote a secret.
        guard let entries = (try? JSON.parse(bytes))?["callers"]?.array else { throw .malformed(file: file, part: "callers") }
        var secrets: [CallerSecret] = []
        for entry in entries {
            guard let caller = entry["caller"]?.string.flatMap({ ServiceName(rawValue: $0) }),
                let callee = entry["callee"]?.string.flatMap({ ServiceName(rawValue: $0) }), let id = entry["accessKeyId"]?.string,
                let secret = entry["secret"]?.string, !id.isEmpty, !secret.isEmpty
            else { throw .malformed(file: file, part: "an entry of callers") }
            secrets.append(
                CallerSecret(
                    caller: caller, callee: callee, accessKeyID: id, secret: secret,
                    replaced: entry["replaced"]?.int.map { Timestamp(seconds: $0) }))
        }
        return secrets
    }

    static func json(_ secrets: [CallerSecret]) -> [UInt8] {
        JSON.encode([
            "callers": .array(
                secrets.map {
                    Keyring.entry(
                        [
                            "caller": .string($0.caller.rawValue), "callee": .string($0.callee.rawValue), "accessKeyId": .string($0.accessKeyID),
                            "secret": .string($0.secret),
                        ], replaced: $0.replaced)
                })
        ])
    }
}
