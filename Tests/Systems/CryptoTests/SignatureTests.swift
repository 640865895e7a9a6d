import Crypto
import Testing

@Suite("RSA and P-256")
struct SignatureTests {
    struct JWS: Decodable {
        struct RSA: Decodable { let n, e, signingInput, signature: String }
        struct EC: Decodable { let x, y, signingInput, signature: String }
        let rs256: RSA
        let es256: EC
    }

    @Test("RS256 verifies the published signature and nothing near it")
    func rs256() throws {
        let vector = try vectors("jws-rs256-es256", as: JWS.self).rs256
        let key = try RSAPublicKey(modulus: base64url(vector.n), exponent: base64url(vector.e))
        let digest = SHA256.hash(Array(vector.signingInput.utf8))
        let signature = base64url(vector.signature)
        #expect(key.isValid(signature, for: digest))
        #expect(!key.isValid(signature, for: SHA256.hash([])))
        #expect(!key.isValid([0] + signature, for: digest))
        #expect(!key.isValid(Array(signature.dropFirst()), for: digest))
        #expect(!key.isValid([], for: digest))
        #expect(try key.modulus() == base64url(vector.n))
        #expect(try key.exponent() == [1, 0, 1])
    }

    @Test("RSA keys that are small, even, huge or padded with zeros are refused")
    func rsaShapes() {
        let good = [0xff] + [UInt8](repeating: 0xfb, count: 255)
        #expect(throws: Never.self) { try RSAPublicKey(modulus: good, exponent: [1, 0, 1]) }
        for (modulus, exponent) in [
            (Array(good.prefix(128)), [1, 0, 1]), (good.dropLast() + [0xfa], [1, 0, 1]), ([0] + good, [1, 0, 1]), (good, [1]), (good, [2]),
            (good, []), ([], [1, 0, 1]), (good, [0, 3]), (good, [UInt8](repeating: 0xff, count: 9)),
            ([0xff] + [UInt8](repeating: 0xfb, count: 1024), [1, 0, 1]),
        ] as [([UInt8], [UInt8])] {
            #expect(throws: CryptoError.invalidKey) { try RSAPublicKey(modulus: modulus, exponent: exponent) }
        }
    }

    @Test("A generated RSA key signs, survives PKCS #8 and works from many tasks at once")
    func rsaRoundTrip() async throws {
        let key = try RSAPrivateKey(pkcs8: RSAPrivateKey.generate().pkcs8())
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for n in 0..<16 {
                group.addTask {
                    let digest = SHA256.hash([UInt8(n)])
                    let signature = try key.sign(digest)
                    return signature.count == 256 && key.publicKey.isValid(signature, for: digest)
                }
            }
            for try await ok in group { #expect(ok) }
        }
    }

    @Test("PKCS #8 of another type, with trailing bytes or garbage is refused")
    func pkcs8Refusals() throws {
        let p256 = try P256PrivateKey.generate().pkcs8()
        #expect(throws: CryptoError.invalidKey) { try RSAPrivateKey(pkcs8: p256) }
        #expect(throws: CryptoError.invalidKey) { try P256PrivateKey(pkcs8: p256 + [0]) }
        #expect(throws: CryptoError.invalidKey) { try P256PrivateKey(pkcs8: [1, 2, 3]) }
        #expect(throws: CryptoError.invalidKey) { try RSAPrivateKey(pkcs8: []) }
    }

    @Test("ES256 verifies the published signature; zero, swapped and DER signatures are refused")
    func es256() throws {
        let vector = try vectors("jws-rs256-es256", as: JWS.self).es256
        let key = try P256PublicKey(x: base64url(vector.x), y: base64url(vector.y))
        let digest = SHA256.hash(Array(vector.signingInput.utf8))
        let signature = base64url(vector.signature)
        #expect(key.isValid(signature, for: digest))
        #expect(!key.isValid(signature, for: SHA256.hash([])))
        #expect(!key.isValid([UInt8](repeating: 0, count: 64), for: digest))
        #expect(!key.isValid([UInt8](repeating: 0xff, count: 64), for: digest))
        #expect(!key.isValid(Array(signature[32...] + signature[..<32]), for: digest))
        #expect(!key.isValid(Array(signature.dropLast()), for: digest))
        let coordinates = try key.coordinates()
        #expect(coordinates.x == base64url(vector.x) && coordinates.y == base64url(vector.y))
    }

    @Test("A P-256 point off the curve or of the wrong size is refused")
    func offCurve() throws {
        let vector = try vectors("jws-rs256-es256", as: JWS.self).es256
        let (x, y) = (base64url(vector.x), base64url(vector.y))
        #expect(throws: CryptoError.invalidKey) { try P256PublicKey(x: y, y: x) }
        #expect(throws: CryptoError.invalidKey) { try P256PublicKey(x: Array(x.dropFirst()), y: y) }
        let zero = [UInt8](repeating: 0, count: 32)
        #expect(throws: CryptoError.invalidKey) { try P256PublicKey(x: zero, y: zero) }
    }

    @Test("A generated P-256 key signs 200 digests that all verify")
    func p256RoundTrip() throws {
        let key = try P256PrivateKey(pkcs8: P256PrivateKey.generate().pkcs8())
        for n in 0..<200 {
            let digest = SHA256.hash([UInt8(n)])
            let signature = try key.sign(digest)
            #expect(signature.count == 64 && key.publicKey.isValid(signature, for: digest))
        }
    }
}
