internal import Crypto
internal import Encodings

/// Ids and secrets as IAM forms them, each made anew.
public enum IAMIdentifiers {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    /// Four letters that say what it is (`AROA`, `AIDA`) and 16 characters of base 32: 80 random bits.
    public static func make(_ prefix: String) -> String {
        prefix + String(decoding: Random.bytes(16).map { alphabet[Int($0 & 31)] }, as: UTF8.self)
    }

    /// Of an access key: `AKIA`, then as ``make(_:)`` says.
    public static func accessKeyID() -> String { make("AKIA") }

    /// Of an access key, 40 characters: 240 random bits.
    public static func secret() -> String { Base64.encode(Random.bytes(30)) }
}
