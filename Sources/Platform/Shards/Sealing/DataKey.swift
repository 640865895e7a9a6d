public import Crypto
public import Encodings

/// A user's key. What it seals opens only for the same tenant, user, record, field, version and key.
///
/// A class, as it is passed about with every record and has 300 bytes.
public final class DataKey: Sendable {
    public let id: UUID
    private let cipher: AES256GCM
    private let digests: HMACSHA256
    /// The additional data up to the parts that differ from one seal to the next.
    private let prefix: AdditionalData

    init(id: UUID, tenant: TenantName, user: String, bytes: [UInt8]) throws(SealError) {
        guard let cipher = try? AES256GCM(key: bytes) else { throw .notAuthentic }
        var prefix = AdditionalData("strongroom/field/1")
        prefix.add(tenant.text)
        prefix.add(user)
        prefix.add(id)
        self.id = id
        self.cipher = cipher
        self.prefix = prefix
        // A key of its own (NIST SP 800-108, one label for each use), so that a digest tells nothing of the sealing key.
        digests = HMACSHA256(key: HMACSHA256(key: bytes).code(for: Array("strongroom/digest/1".utf8)).bytes)
    }

    /// A digest of the parts that nobody without this key can check a guess against. It goes with the key.
    public func digest(_ parts: [UInt8]...) -> SHA256Digest {
        var data = AdditionalData("strongroom/digest/1")
        for part in parts { data.add(part) }
        return digests.code(for: data.bytes)
    }

    /// - Parameters:
    ///   - record: the note (or other record) the field belongs to.
    ///   - field: a number that names the field within the record.
    ///   - version: the record's version the field was written with.
    /// - Returns: nonce, ciphertext and tag: 28 bytes more than the plaintext.
    public func seal(_ plaintext: Span<UInt8>, record: UUID, field: UInt8, version: UInt64) -> [UInt8] {
        cipher.sealBox(plaintext, additionalData: additionalData(record, field, version).span)
    }

    /// The plaintext, or ``SealError/notAuthentic`` when anything differs from what was sealed.
    public func open(_ sealed: Span<UInt8>, record: UUID, field: UInt8, version: UInt64) throws(SealError) -> [UInt8] {
        do {
            return try cipher.openBox(sealed, additionalData: additionalData(record, field, version).span)
        } catch {
            throw .notAuthentic
        }
    }

    private func additionalData(_ record: UUID, _ field: UInt8, _ version: UInt64) -> [UInt8] {
        var data = AdditionalData(extending: prefix, by: 32)
        data.add(record)
        data.add(UInt64(field))
        data.add(version)
        return data.bytes
    }
}
