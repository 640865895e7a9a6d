internal import Crypto

/// What an event puts into the tenant's Merkle tree: a commitment that says nothing of the event to who does not know the salt.
///
/// The salt is sealed together with the event under the subject's key. When that key is destroyed, event and salt are gone and
/// every proof of the leaf still holds.
struct Leaf: Equatable, Sendable {
    static let saltCount = 16

    let commitment: SHA256Digest

    init(commitment: SHA256Digest) { self.commitment = commitment }

    /// SHA-256(salt ‖ SHA-256(event)).
    init(salt: Span<UInt8>, event digest: SHA256Digest) {
        var stream = SHA256Stream()
        stream.update(salt)
        stream.update(digest)
        commitment = stream.finalize()
    }

    /// The leaf's hash in the tree: SHA-256(0x00 ‖ commitment) (RFC 9162 §2.1.1).
    var hash: SHA256Digest {
        var stream = SHA256Stream()
        stream.update([0])
        stream.update(commitment)
        return stream.finalize()
    }
}

/// The plaintext of a sealed body: the salt, then the serialized event as its source signed it.
enum LeafBody {
    static func salted(_ event: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Leaf.saltCount + event.count)
        Random.append(Leaf.saltCount, to: &bytes)
        bytes.append(contentsOf: event)
        return bytes
    }
    static func salt(_ body: [UInt8]) -> [UInt8]? {
        body.count >= Leaf.saltCount ? Array(body[..<Leaf.saltCount]) : nil
    }

    /// The event of a body that belongs to this leaf; nil for any other.
    static func event(_ body: [UInt8], of leaf: Leaf) -> [UInt8]? {
        guard let salt = salt(body) else { return nil }
        let event = Array(body[Leaf.saltCount...])
        return Leaf(salt: salt.span, event: SHA256.hash(event)) == leaf ? event : nil
    }
}
