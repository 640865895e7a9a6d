internal import Bytes
internal import COpenSSL

/// A NIST P-256 key that verifies ES256 signatures: ECDSA with SHA-256, `r` and `s` as 32 bytes each (RFC 7518 §3.4).
public struct P256PublicKey: Sendable {
    public static let coordinateByteCount = 32

    let handle: KeyHandle

    /// Coordinates of 32 big-endian bytes each; a point off the curve is `invalidKey`.
    public init(x: Span<UInt8>, y: Span<UInt8>) throws(CryptoError) {
        guard x.count == Self.coordinateByteCount, y.count == Self.coordinateByteCount else { throw .invalidKey }
        // SEC 1 §2.3.3: 0x04 is the uncompressed form.
        let point: [UInt8] = [4] + [UInt8](copying: x) + [UInt8](copying: y)
        let key = try unsafe KeyEncoding.publicKey(der: DER.publicKey(DER.p256, point))
        handle = unsafe KeyHandle(adopting: key, for: .plainVerify)
    }

    public init(x: [UInt8], y: [UInt8]) throws(CryptoError) { try self.init(x: x.span, y: y.span) }

    init(handle: KeyHandle) { self.handle = handle }

    public func coordinates() throws(CryptoError) -> (x: [UInt8], y: [UInt8]) {
        let point = try KeyEncoding.octets(OSSL_PKEY_PARAM_PUB_KEY, of: handle)
        guard point.count == 65, point[0] == 4 else { throw .invalidKey }
        return (Array(point[1..<33]), Array(point[33...]))
    }

    /// libcrypto refuses r or s outside 1..<n, so an all-zero signature is not valid either.
    public func isValid(_ signature: Span<UInt8>, for digest: SHA256Digest) -> Bool {
        guard signature.count == 64 else { return false }
        let der = ECDSASignature.der(r: signature.extracting(0..<32), s: signature.extracting(32..<64))
        return handle.verify(der.span, digest: digest)
    }

    public func isValid(_ signature: [UInt8], for digest: SHA256Digest) -> Bool { isValid(signature.span, for: digest) }
}
