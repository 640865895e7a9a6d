import Crypto
import Testing

@Suite("Argon2id")
struct Argon2idTests {
    struct Hashing: Decodable {
        let iterations, memoryKiB: UInt32
        let password, salt, hash: String
    }

    @Test("Gives the reference implementation's hashes")
    func published() throws {
        for vector in try vectors("argon2id", as: Cases<Hashing>.self).cases {
            let argon2 = Argon2id(iterations: vector.iterations, memoryKiB: vector.memoryKiB)
            #expect(try argon2.hash(Array(vector.password.utf8), salt: Array(vector.salt.utf8)) == hex(vector.hash))
        }
    }

    @Test("Salts and parameters outside RFC 9106 are refused")
    func refusals() {
        #expect(throws: CryptoError.invalidParameter) { try Argon2id(iterations: 1, memoryKiB: 8).hash([1], salt: [1, 2, 3]) }
        #expect(throws: CryptoError.invalidParameter) { try Argon2id(iterations: 0, memoryKiB: 8).hash([1], salt: Random.bytes(16)) }
        #expect(throws: CryptoError.invalidParameter) { try Argon2id(iterations: 1, memoryKiB: 7).hash([1], salt: Random.bytes(16)) }
    }
}
