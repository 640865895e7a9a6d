import Crypto
import Encodings
import JSON

/// Seals what a client carries for us and may not read or change: refresh tokens, and sessions between a challenge and its answer.
struct TokenSealer: Sendable {
    enum Kind: String, Sendable { case refresh, session }

    private let pool: String
    private let keyID: String
    private let cipher: AES256GCM

    /// What the contract's refresh tokens begin with: `{"cty":"JWT","enc":"A256GCM","alg":"RSA-OAEP"}`. Clients may look at nothing else.
    private static let header = "eyJjdHkiOiJKV1QiLCJlbmMiOiJBMjU2R0NNIiwiYWxnIjoiUlNBLU9BRVAifQ"

    init(pool: String, keyID: String, cipher: AES256GCM) {
        self.pool = pool
        self.keyID = keyID
        self.cipher = cipher
    }

    /// A compact JWE in form: header, key id, nonce, ciphertext, tag.
    func seal(refresh claims: JSONObject) -> String {
        let box = box(claims, .refresh)
        let tag = box.count - AES256GCM.tagByteCount
        let parts = [Array(keyID.utf8), Array(box[..<AES256GCM.nonceByteCount]), Array(box[AES256GCM.nonceByteCount..<tag]), Array(box[tag...])]
        return ([Self.header] + parts.map { Base64URL.encode($0) }).joined(separator: ".")
    }

    /// Nil for anything this pool did not seal.
    func open(refresh token: String) -> JSONObject? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5, parts[0] == Self.header, let key = Base64URL.decode(parts[1]), key == Array(keyID.utf8),
            let nonce = Base64URL.decode(parts[2]), let text = Base64URL.decode(parts[3]), let tag = Base64URL.decode(parts[4])
        else { return nil }
        return open(nonce + text + tag, .refresh)
    }

    func seal(session claims: JSONObject) -> String { Base64URL.encode(box(claims, .session)) }

    func open(session: String) -> JSONObject? { Base64URL.decode(session).flatMap { open($0, .session) } }

    private func box(_ claims: JSONObject, _ kind: Kind) -> [UInt8] {
        cipher.sealBox(JSON.encode(.object(claims)), additionalData: place(kind))
    }

    private func open(_ box: [UInt8], _ kind: Kind) -> JSONObject? {
        // Whatever doesn't open is not ours; why is nobody's business.
        guard let bytes = try? cipher.openBox(box, additionalData: place(kind)) else { return nil }
        return try? JSON.parse(bytes, limits: .token).object
    }

    private func place(_ kind: Kind) -> [UInt8] { Array("\(pool)/\(kind.rawValue)/\(keyID)".utf8) }
}
