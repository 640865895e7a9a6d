internal import Crypto
public import Encodings

/// The key outside the data folders that everything else hangs from.
public struct MasterKey: Sendable {
    public static let byteCount = 32

    /// The first eight bytes of SHA-256 over a label and the key: names the key without telling it.
    public let id: [UInt8]
    private let cipher: AES256GCM
    private let bytes: [UInt8]

    /// Nil unless there are 32 bytes.
    public init?(_ bytes: [UInt8]) {
        // The one reason for a throw is the length.
        guard let cipher = try? AES256GCM(key: bytes) else { return nil }
        self.cipher = cipher
        self.bytes = bytes
        id = Array(SHA256.hash(Array("strongroom master key id\0".utf8) + bytes).bytes.prefix(8))
    }

    /// A key for another purpose, from which this one can't be found: HMAC-SHA-256(master, purpose).
    public func derive(_ purpose: String) -> [UInt8] {
        HMACSHA256(key: bytes).code(for: Array("strongroom/derive/\(purpose)".utf8)).bytes
    }

    /// A fresh key for a tenant.
    public func makeTenantKey(for tenant: TenantName, id: UUID) -> WrappedKey {
        let sealed = cipher.sealBox(Random.bytes(AES256GCM.keyByteCount), additionalData: additionalData(tenant, id))
        return WrappedKey(id: id, wrappedBy: self.id, sealed: sealed)
    }

    func unwrap(_ key: WrappedKey, of tenant: TenantName) throws(SealError) -> TenantKey {
        guard key.wrappedBy == id else { throw .otherMasterKey }
        do {
            let bytes = try cipher.openBox(key.sealed, additionalData: additionalData(tenant, key.id))
            return TenantKey(id: key.id, tenant: tenant, cipher: try AES256GCM(key: bytes))
        } catch {
            throw .notAuthentic
        }
    }

    private func additionalData(_ tenant: TenantName, _ id: UUID) -> [UInt8] {
        var data = AdditionalData("strongroom/tenant-key/1")
        data.add(tenant.text)
        data.add(id)
        data.add(self.id)
        return data.bytes
    }
}
