public import Bootstrap
public import Contracts
import Crypto
import Encodings
public import JSON

/// How the authorizer hands a service the signing keys of its callers: sealed under a key that follows from the access key the service asks with, and from
/// this one question, so that nobody between the two learns, changes or repeats them.
///
///     POST /internal/v1/caller-keys   {"accessKeyId": …, "nonce": …}   →   {"sealed": …}, in it {"AKIA…": {"20261128": …, …}, …}
public struct SigningKeyGrant: Sendable {
    public static let target = "/internal/v1/caller-keys"
    private static let nonceLength = 16
    private static let limits = JSONLimits(bytes: 256 << 10, depth: 4, values: 4_096)

    /// The access key that the question is signed with.
    public let accessKeyID: String
    private let nonce: [UInt8]

    /// A new question.
    init(accessKeyID: String) {
        self.accessKeyID = accessKeyID
        nonce = Random.bytes(Self.nonceLength)
    }

    /// One that has come; nil for anything else.
    public init?(_ question: JSONValue) {
        guard let id = question["accessKeyId"]?.string, let nonce = question["nonce"]?.string.flatMap({ Base64.decode($0) }),
            nonce.count == Self.nonceLength
        else { return nil }
        accessKeyID = id
        self.nonce = nonce
    }

    var question: JSONValue { ["accessKeyId": .string(accessKeyID), "nonce": .string(Base64.encode(nonce))] }

    /// - Parameters:
    ///   - days: by access key.
    ///   - secret: of the access key that the question was signed with.
    public func answer(_ days: [String: SigningDays], to callee: ServiceName, secret: String) -> JSONValue {
        ["sealed": .string(Base64.encode(cipher(secret).sealBox(Self.encode(days), additionalData: Array(callee.rawValue.utf8))))]
    }

    /// Nil for anything that the authorizer didn't seal in answer to this question.
    func open(_ answer: JSONValue, by callee: ServiceName, secret: String) -> [String: SigningDays]? {
        guard let box = answer["sealed"]?.string.flatMap({ Base64.decode($0) }),
            let bytes = try? cipher(secret).openBox(box, additionalData: Array(callee.rawValue.utf8))
        else { return nil }
        return Self.decode(bytes)
    }

    private func cipher(_ secret: String) -> AES256GCM {
        let key = HMACSHA256(key: Array(secret.utf8)).code(for: Array("strongroom/signing keys/".utf8) + nonce).bytes
        // A code of SHA-256 has the 32 bytes that a key must have.
        guard let cipher = try? AES256GCM(key: key) else { preconditionFailure("a code is 32 bytes") }
        return cipher
    }

    static func encode(_ days: [String: SigningDays]) -> [UInt8] {
        var object: JSONObject = [:]
        for (id, days) in days.sorted(by: { $0.key < $1.key }) { object[id] = days.json }
        return JSON.encode(.object(object))
    }

    static func decode(_ bytes: [UInt8]) -> [String: SigningDays]? {
        guard let members = (try? JSON.parse(bytes, limits: limits))?.object?.members else { return nil }
        var days: [String: SigningDays] = [:]
        for member in members {
            guard let read = SigningDays(json: member.value) else { return nil }
            days[member.name] = read
        }
        return days
    }
}
