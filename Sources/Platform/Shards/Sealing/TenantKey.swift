internal import Crypto
public import Encodings

/// A tenant's key, which wraps its users' keys.
public struct TenantKey: Sendable {
    public let id: UUID
    let tenant: TenantName
    private let cipher: AES256GCM

    init(id: UUID, tenant: TenantName, cipher: AES256GCM) {
        self.id = id
        self.tenant = tenant
        self.cipher = cipher
    }

    func makeDataKey(for user: String, id: UUID) throws(SealError) -> (key: DataKey, wrapped: WrappedKey) {
        let bytes = Random.bytes(AES256GCM.keyByteCount)
        let sealed = cipher.sealBox(bytes, additionalData: additionalData(user, id))
        return (try DataKey(id: id, tenant: tenant, user: user, bytes: bytes), WrappedKey(id: id, wrappedBy: self.id.bytes, sealed: sealed))
    }

    func unwrap(_ key: WrappedKey, of user: String) throws(SealError) -> DataKey {
        guard let bytes = try? cipher.openBox(key.sealed, additionalData: additionalData(user, key.id)) else { throw .notAuthentic }
        return try DataKey(id: key.id, tenant: tenant, user: user, bytes: bytes)
    }

    private func additionalData(_ user: String, _ id: UUID) -> [UInt8] {
        var data = AdditionalData("strongroom/user-key/1")
        data.add(tenant.text)
        data.add(user)
        data.add(id)
        data.add(self.id)
        return data.bytes
    }
}
