import Crypto
import Encodings

/// Makes the ids and secrets of the contract.
enum Identifiers {
    private static let lower = Array("abcdefghijklmnopqrstuvwxyz0123456789".utf8)
    private static let mixed = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)

    static func pool(region: String) -> String { "\(region)_\(text(mixed, count: 9))" }
    static func client() -> String { text(lower, count: 26) }
    /// 51 characters: 263 random bits.
    static func clientSecret() -> String { text(lower, count: 51) }
    static func uuid() -> UUID { UUID.v4(random: (Random.uint64(), Random.uint64())) }

    /// A password that any policy accepts, for users whose administrator chose none.
    static func temporaryPassword(length: Int) -> String {
        let symbols = Array("!@#%*-_+".utf8)
        let parts = [
            text(Array(lower.prefix(26)), count: 1), text(Array(mixed.prefix(26)), count: 1), text(Array(lower.suffix(10)), count: 1),
            text(symbols, count: 1), text(mixed, count: max(12, length)),
        ]
        return parts.joined()
    }

    /// Characters chosen evenly: bytes that would favour the first ones are drawn again.
    private static func text(_ alphabet: [UInt8], count: Int) -> String {
        let limit = 256 - 256 % alphabet.count
        var out: [UInt8] = []
        while out.count < count {
            for byte in Random.bytes(count) where Int(byte) < limit && out.count < count { out.append(alphabet[Int(byte) % alphabet.count]) }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
