internal import Bytes

/// The little of DER (X.690) that keys and signatures need to reach libcrypto: written whole, so that no parameter builder has to
/// borrow pointers across calls.
enum DER {
    static func value(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        var out = [tag]
        if content.count < 0x80 {
            out.append(UInt8(content.count))
        } else {
            // §8.1.3.5: the number of length octets, then the length.
            let octets = (Int.bitWidth - content.count.leadingZeroBitCount + 7) / 8
            out.append(0x80 | UInt8(octets))
            for shift in (0..<octets).reversed() { out.append(UInt8(truncatingIfNeeded: content.count >> (8 * shift))) }
        }
        return out + content
    }

    static func sequence(_ parts: [UInt8]...) -> [UInt8] { value(0x30, Array(parts.joined())) }

    /// §8.3.2: the fewest octets, with a zero in front where the first bit is set. Not empty.
    static func integer(_ bytes: Span<UInt8>) -> [UInt8] {
        var first = 0
        while first < bytes.count - 1, bytes[first] == 0 { first += 1 }
        let magnitude = [UInt8](copying: bytes.extracting(first..<bytes.count))
        return value(2, magnitude[0] & 0x80 == 0 ? magnitude : [0] + magnitude)
    }

    /// SubjectPublicKeyInfo (RFC 5280 §4.1) with the algorithm's own octets.
    static func publicKey(_ algorithm: [UInt8], _ key: [UInt8]) -> [UInt8] {
        sequence(value(0x30, algorithm), value(3, [0] + key))
    }

    /// rsaEncryption, NULL (RFC 3279 §2.3.1).
    static let rsa: [UInt8] = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0]
    /// id-ecPublicKey, secp256r1 (RFC 5480 §2.1.1).
    static let p256: [UInt8] = [6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]
}
