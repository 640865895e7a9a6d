import Crypto
import Testing

@Suite("SHA-256 and HMAC")
struct DigestTests {
    struct Hash: Decodable { let message, digest: String }
    struct Code: Decodable { let key, message, code: String }

    @Test("SHA-256 gives the published digests, whole and in pieces")
    func sha256() throws {
        for vector in try vectors("sha256", as: Cases<Hash>.self).cases {
            let message = Array(vector.message.utf8)
            #expect(SHA256.hash(message).bytes == hex(vector.digest))
            #expect(SHA256.hash(message).word == hex(vector.digest).prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
            var stream = SHA256Stream()
            for byte in message { stream.update([byte]) }
            #expect(stream.finalize().bytes == hex(vector.digest))
        }
    }

    @Test("HMAC-SHA-256 gives the published codes, and a kept key can be used again")
    func hmac() throws {
        for vector in try vectors("hmac-sha256", as: Cases<Code>.self).cases {
            let key = HMACSHA256(key: hex(vector.key))
            let message = hex(vector.message)
            #expect(key.code(for: message).bytes == hex(vector.code))
            #expect(key.code(for: message).bytes == hex(vector.code))
            for cut in [0, 1, message.count / 2, message.count] {
                let rest = message.span.extracting(cut..<message.count)
                #expect(key.after(message.span.extracting(0..<cut)).code(for: rest).bytes == hex(vector.code))
            }
            #expect(key.isValid(hex(vector.code), for: message))
        }
    }

    @Test("A truncated, extended, empty or altered code is not valid")
    func hmacRefusals() {
        let key = HMACSHA256(key: Array("key".utf8))
        let code = key.code(for: [1, 2, 3]).bytes
        for wrong in [Array(code.dropLast()), code + [0], [], [code[0] ^ 1] + code.dropFirst()] {
            #expect(!key.isValid(wrong, for: [1, 2, 3]))
        }
    }

    @Test("A digest is the same value however it was made")
    func digestValue() {
        let digest = SHA256.hash([1])
        #expect(SHA256Digest(digest.bytes) == digest)
        #expect(SHA256Digest([1, 2]) == nil)
        #expect(digest.withSpan { $0[31] } == digest.bytes[31])
    }

    @Test("Random bytes do not repeat, on one thread or on several")
    func random() async {
        let values = await withTaskGroup(of: [UInt64].self) { group in
            for _ in 0..<8 { group.addTask { (0..<500).map { _ in Random.uint64() } } }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(values).count == 4000)
        #expect(Random.bytes(1000).contains { $0 != 0 })
        #expect(Random.bytes(0) == [])
    }
}
