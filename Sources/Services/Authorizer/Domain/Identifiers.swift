internal import Crypto
internal import Encodings

/// Ids and secrets as IAM forms them.
enum Identifiers {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    /// Four letters that say what it is (`AROA`, `AIDA`, `AKIA`) and 80 random bits.
    static func make(_ prefix: String) -> String {
        prefix + String(decoding: Random.bytes(16).map { alphabet[Int($0 & 31)] }, as: UTF8.self)
    }

    /// 40 characters: 240 random bits.
    static func secret() -> String { Base64.encode(Random.bytes(30)) }
}
