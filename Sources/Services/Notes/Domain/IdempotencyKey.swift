internal import Bytes
internal import Crypto

/// The value of `Idempotency-Key`: 1 to 255 printable ASCII characters. Only its digest is stored.
struct IdempotencyKey: Sendable {
    let digest: SHA256Digest

    /// Nil where there is no such field.
    init?(_ value: String?) throws(NotesError) {
        guard let value else { return nil }
        guard (1...255).contains(value.utf8.count), value.utf8.allSatisfy(\.isPrintable) else {
            throw .invalid("Idempotency-Key must have 1 to 255 printable ASCII characters")
        }
        digest = SHA256.hash(Array(value.utf8))
    }
}
