public import Encodings

/// A tenant's keys, unwrapped.
public struct TenantKeyring: Sendable {
    private let keys: [TenantKey]

    public init(_ manifest: TenantManifest, master: MasterKey) throws(SealError) {
        var keys: [TenantKey] = []
        for key in manifest.keys { keys.append(try master.unwrap(key, of: manifest.tenant)) }
        self.keys = keys
    }

    /// A fresh key for a user, wrapped by the tenant's newest key.
    public func makeDataKey(for user: String, id: UUID) throws(SealError) -> (key: DataKey, wrapped: WrappedKey) {
        guard let key = keys.last else { throw .unknownKey }
        return try key.makeDataKey(for: user, id: id)
    }

    public func unwrap(_ wrapped: WrappedKey, of user: String) throws(SealError) -> DataKey {
        guard !wrapped.sealed.isEmpty else { throw .erased }
        guard let key = keys.last(where: { $0.id.bytes == wrapped.wrappedBy }) else { throw .unknownKey }
        return try key.unwrap(wrapped, of: user)
    }
}
