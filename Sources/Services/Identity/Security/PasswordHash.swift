import Crypto
import Encodings

/// An Argon2id hash with its parameters, so that they can be raised without losing the passwords hashed before.
struct PasswordHash: Hashable, Sendable {
    let parameters: Argon2id
    let salt: [UInt8]
    let hash: [UInt8]

    static let saltByteCount = 16

    /// Hashes a new password. Takes 50 ms and 19 MiB: on a password thread only.
    init(of password: String, parameters: Argon2id, salt: [UInt8]) throws(CryptoError) {
        self.parameters = parameters
        self.salt = salt
        hash = try parameters.hash(Array(password.utf8), salt: salt)
    }

    /// As costly as making one.
    func matches(_ password: String) throws(CryptoError) -> Bool {
        constantTimeEquals(try parameters.hash(Array(password.utf8), salt: salt), hash)
    }

    /// The PHC string format: `$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH`.
    var encoded: String {
        "$argon2id$v=19$m=\(parameters.memoryKiB),t=\(parameters.iterations),p=1$\(Self.unpadded(salt))$\(Self.unpadded(hash))"
    }

    /// Nil for what `encoded` did not write.
    init?(encoded text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 6, parts[0].isEmpty, parts[1] == "argon2id", parts[2] == "v=19" else { return nil }
        let costs = parts[3].split(separator: ",").map(String.init)
        guard costs.count == 3, costs[0].hasPrefix("m="), costs[1].hasPrefix("t="), costs[2] == "p=1",
            let memory = UInt32(costs[0].dropFirst(2)), let iterations = UInt32(costs[1].dropFirst(2)),
            let salt = Self.decode(parts[4]), let hash = Self.decode(parts[5])
        else { return nil }
        parameters = Argon2id(iterations: iterations, memoryKiB: memory)
        self.salt = salt
        self.hash = hash
    }

    private static func unpadded(_ bytes: [UInt8]) -> String { String(Base64.encode(bytes).prefix { $0 != "=" }) }

    private static func decode(_ text: String) -> [UInt8]? {
        Base64.decode(text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4))
    }
}

extension PasswordHash {
    /// Of parts that are there already.
    init(parameters: Argon2id, salt: [UInt8], hash: [UInt8]) {
        self.parameters = parameters
        self.salt = salt
        self.hash = hash
    }
}
