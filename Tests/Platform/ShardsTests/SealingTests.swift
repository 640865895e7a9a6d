import Encodings
import Shards
import Testing

struct SealingTests {
    private let note = UUID(high: 1, low: 2)

    @Test func aSealOpensOnlyWhereItWasMade() throws {
        let keys = try keyring()
        let (key, wrapped) = try keys.makeDataKey(for: "ada", id: UUID(high: 5, low: 5))
        let sealed = key.seal(Array("secret".utf8).span, record: note, field: 1, version: 3)
        #expect(try key.open(sealed.span, record: note, field: 1, version: 3) == Array("secret".utf8))
        #expect(throws: SealError.notAuthentic) { try key.open(sealed.span, record: note, field: 2, version: 3) }
        #expect(throws: SealError.notAuthentic) { try key.open(sealed.span, record: note, field: 1, version: 4) }
        #expect(throws: SealError.notAuthentic) { try key.open(sealed.span, record: UUID(high: 1, low: 3), field: 1, version: 3) }
        #expect(try keys.unwrap(wrapped, of: "ada").open(sealed.span, record: note, field: 1, version: 3) == Array("secret".utf8))
    }

    @Test func aUsersKeyDoesNotServeAnother() throws {
        let keys = try keyring()
        let (_, wrapped) = try keys.makeDataKey(for: "ada", id: UUID(high: 5, low: 5))
        #expect(throws: SealError.notAuthentic) { try keys.unwrap(wrapped, of: "bob") }
        let renamed = WrappedKey(id: UUID(high: 5, low: 6), wrappedBy: wrapped.wrappedBy, sealed: wrapped.sealed)
        #expect(throws: SealError.notAuthentic) { try keys.unwrap(renamed, of: "ada") }
        let foreign = WrappedKey(id: wrapped.id, wrappedBy: [1, 2, 3], sealed: wrapped.sealed)
        #expect(throws: SealError.unknownKey) { try keys.unwrap(foreign, of: "ada") }
    }

    @Test func anErasedKeySaysSo() throws {
        let keys = try keyring()
        let (_, wrapped) = try keys.makeDataKey(for: "ada", id: UUID(high: 5, low: 5))
        let erased = WrappedKey(id: wrapped.id, wrappedBy: wrapped.wrappedBy, sealed: [])
        #expect(throws: SealError.erased) { try keys.unwrap(erased, of: "ada") }
    }

    @Test func aTenantsKeysDoNotServeAnotherTenantNorAnotherMaster() throws {
        let manifest = try manifest("one")
        let moved = TenantManifest(tenant: try #require(TenantName("two")), shards: 4, keys: manifest.keys)
        #expect(throws: SealError.notAuthentic) { try TenantKeyring(moved, master: master(7)) }
        #expect(throws: SealError.otherMasterKey) { try TenantKeyring(manifest, master: master(8)) }
    }

    @Test func namesThatCouldLeaveTheFolderAreNoTenants() {
        for name in ["", ".", "..", "a/b", "a\\b", "a.b", "a\0", "-a", "a-", "caf\u{E9}", String(repeating: "a", count: 65), "a b"] {
            #expect(TenantName(name) == nil, "\(name)")
        }
        #expect(TenantName("us-east-1_AbC123xyz")?.text == "us-east-1_AbC123xyz")
    }

    @Test func aUsersShardNeverChanges() {
        // SHA-256 of the user id by another tool, first eight bytes modulo the count.
        #expect(ShardID.number(ofUser: "ada", among: 4) == 2)
        #expect(ShardID.number(ofUser: "", among: 7) == 1)
    }

    private func master(_ byte: UInt8) -> MasterKey { MasterKey([UInt8](repeating: byte, count: 32))! }

    private func manifest(_ tenant: String) throws -> TenantManifest {
        let name = try #require(TenantName(tenant))
        return TenantManifest(tenant: name, shards: 4, keys: [master(7).makeTenantKey(for: name, id: UUID(high: 9, low: 9))])
    }

    private func keyring() throws -> TenantKeyring { try TenantKeyring(try manifest("one"), master: master(7)) }
}
