/// ECDSA-Sig-Value (RFC 3279 §2.2.3): SEQUENCE { r INTEGER, s INTEGER }, as libcrypto reads and writes it, for 32-byte integers.
enum ECDSASignature {
    static func der(r: Span<UInt8>, s: Span<UInt8>) -> [UInt8] {
        DER.sequence(DER.integer(r), DER.integer(s))
    }

    /// Nil unless it is exactly two integers of at most 32 bytes.
    static func raw(der: [UInt8]) -> [UInt8]? {
        guard der.count >= 2, der[0] == 0x30, Int(der[1]) == der.count - 2 else { return nil }
        var out = [UInt8](repeating: 0, count: 64)
        var at = 2
        for end in [32, 64] {
            guard at + 2 <= der.count, der[at] == 2 else { return nil }
            var first = at + 2
            let next = first + Int(der[at + 1])
            guard next <= der.count, next > first else { return nil }
            if der[first] == 0 { first += 1 }
            guard next - first <= 32 else { return nil }
            out.replaceSubrange(end - (next - first)..<end, with: der[first..<next])
            at = next
        }
        return at == der.count ? out : nil
    }
}
