internal import Crypto
internal import Encodings

/// The small numbers by which events are found without opening their bodies.
///
/// They may collide: what they find is compared with the body itself.
struct IndexKeys: Sendable {
    private let addresses: HMACSHA256

    /// - Parameter key: a secret of this service; without it addresses can't be guessed from their numbers.
    init(key: [UInt8], tenant: String) {
        addresses = HMACSHA256(key: HMACSHA256(key: key).code(for: Array(tenant.utf8)).bytes)
    }

    /// A source address, which is personal: half of half an HMAC.
    func address(_ text: Span<UInt8>) -> Int64 {
        Int64(bitPattern: addresses.code(for: text).word)
    }

    /// A resource's id. The upper half of a UUID, which for version 7 counts time up, so that an index over it grows at its end;
    /// of any other text, eight bytes of its SHA-256.
    static func resource(_ id: Span<UInt8>) -> Int64 {
        if let uuid = UUID(id) { return Int64(bitPattern: uuid.high) }
        return Int64(bitPattern: SHA256.hash(id).word)
    }
}
