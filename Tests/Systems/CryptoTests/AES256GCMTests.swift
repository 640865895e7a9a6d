import Crypto
import Testing

@Suite("AES-256-GCM")
struct AES256GCMTests {
    struct Sealing: Decodable { let key, nonce, plaintext, aad, sealed: String }

    @Test("Seals and opens the published messages")
    func published() throws {
        for vector in try vectors("aes-256-gcm", as: Cases<Sealing>.self).cases {
            let cipher = try AES256GCM(key: hex(vector.key))
            let (nonce, plaintext, aad, sealed) = (hex(vector.nonce), hex(vector.plaintext), hex(vector.aad), hex(vector.sealed))
            #expect(cipher.seal(plaintext.span, nonce: nonce.span, additionalData: aad.span) == sealed)
            #expect(try cipher.open(sealed.span, nonce: nonce.span, additionalData: aad.span) == plaintext)
        }
    }

    @Test("Any changed bit of box or additional data, and any truncation, is refused")
    func tampering() throws {
        let cipher = try AES256GCM(key: Random.bytes(32))
        let box = cipher.sealBox(Array("text".utf8), additionalData: [7])
        #expect(try cipher.openBox(box, additionalData: [7]) == Array("text".utf8))
        for bit in 0..<box.count * 8 {
            var altered = box
            altered[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: CryptoError.authenticationFailed) { try cipher.openBox(altered, additionalData: [7]) }
        }
        for count in 0..<box.count {
            #expect(throws: CryptoError.authenticationFailed) { try cipher.openBox(Array(box[..<count]), additionalData: [7]) }
        }
        #expect(throws: CryptoError.authenticationFailed) { try cipher.openBox(box, additionalData: [8]) }
        #expect(throws: CryptoError.authenticationFailed) { try AES256GCM(key: Random.bytes(32)).openBox(box, additionalData: [7]) }
    }

    @Test("A key of another length is refused")
    func keyLength() {
        for count in [0, 16, 31, 33] {
            #expect(throws: CryptoError.invalidKey) { try AES256GCM(key: [UInt8](repeating: 1, count: count)) }
        }
    }

    @Test("One key works from many tasks at once")
    func concurrency() async throws {
        let cipher = try AES256GCM(key: Random.bytes(32))
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for n in 0..<16 {
                group.addTask {
                    for i in 0..<200 {
                        let text = [UInt8](repeating: UInt8(n), count: i)
                        guard try cipher.openBox(cipher.sealBox(text, additionalData: []), additionalData: []) == text else { return false }
                    }
                    return true
                }
            }
            for try await ok in group { #expect(ok) }
        }
    }
}
