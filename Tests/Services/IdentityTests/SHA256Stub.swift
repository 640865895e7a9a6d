import Crypto

/// Digests of numbers, as keys of a table.
enum SHA256Stub {
    static func digest(_ number: Int) -> SHA256Digest { SHA256.hash(Array("\(number)".utf8)) }
}
