/// HKDF with SHA-256 (RFC 5869).
public enum HKDF {
    /// - Parameters:
    ///   - salt: empty stands for 32 zero bytes (§2.2).
    ///   - info: what the key is for; different uses get independent keys.
    ///   - count: bytes of output, at most 255 × 32 (§2.3); more is a programmer's error.
    public static func derive(from keyMaterial: Span<UInt8>, salt: Span<UInt8>, info: Span<UInt8>, count: Int) -> [UInt8] {
        precondition(count >= 0 && count <= 255 * 32, "HKDF output is at most 8160 bytes")
        let extracted = HMACSHA256(key: salt).code(for: keyMaterial)
        let expand = extracted.withSpan { HMACSHA256(key: $0) }
        var output: [UInt8] = []
        output.reserveCapacity(count + 32)
        var previous: [UInt8] = []
        var counter: UInt8 = 1
        while output.count < count {
            var block = previous
            unsafe info.withUnsafeBufferPointer { unsafe block.append(contentsOf: $0) }
            block.append(counter)
            previous = expand.code(for: block).bytes
            output.append(contentsOf: previous)
            counter &+= 1
        }
        output.removeLast(output.count - count)
        return output
    }

    public static func derive(from keyMaterial: [UInt8], salt: [UInt8] = [], info: String, count: Int = 32) -> [UInt8] {
        let info = Array(info.utf8)
        return derive(from: keyMaterial.span, salt: salt.span, info: info.span, count: count)
    }
}
