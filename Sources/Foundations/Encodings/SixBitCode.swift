/// The alphabet of one base64 variant and the strict coder both variants share (RFC 4648 §4, §5).
///
/// Decoding is canonical: the only text accepted for some bytes is the one `encode` gives. So two different texts never
/// name the same token, key or cursor (RFC 4648 §3.5 allows to refuse non-zero trailing bits; we do).
struct SixBitCode: Sendable {
    let characters: [UInt8]
    /// Value of each character, 255 for what isn't in the alphabet.
    let values: [UInt8]
    let padded: Bool

    init(last: (UInt8, UInt8), padded: Bool) {
        var characters: [UInt8] = []
        characters.append(contentsOf: UInt8(ascii: "A")...UInt8(ascii: "Z"))
        characters.append(contentsOf: UInt8(ascii: "a")...UInt8(ascii: "z"))
        characters.append(contentsOf: UInt8(ascii: "0")...UInt8(ascii: "9"))
        characters.append(last.0)
        characters.append(last.1)
        var values = [UInt8](repeating: 255, count: 256)
        for (value, character) in characters.enumerated() { values[Int(character)] = UInt8(value) }
        self.characters = characters
        self.values = values
        self.padded = padded
    }

    func encode(_ bytes: Span<UInt8>, into output: inout [UInt8]) {
        let alphabet = characters.span
        // Appending nothing to an empty array would write its count, which all empty arrays share.
        if bytes.isEmpty { return }
        output.append(addingCapacity: (bytes.count + 2) / 3 * 4) { (out: inout OutputSpan<UInt8>) in
            var index = 0
            while index + 3 <= bytes.count {
                let group = Int(bytes[index]) << 16 | Int(bytes[index + 1]) << 8 | Int(bytes[index + 2])
                out.append(alphabet[group >> 18])
                out.append(alphabet[group >> 12 & 63])
                out.append(alphabet[group >> 6 & 63])
                out.append(alphabet[group & 63])
                index += 3
            }
            let left = bytes.count - index
            guard left > 0 else { return }
            let group = Int(bytes[index]) << 16 | (left == 2 ? Int(bytes[index + 1]) << 8 : 0)
            out.append(alphabet[group >> 18])
            out.append(alphabet[group >> 12 & 63])
            if left == 2 { out.append(alphabet[group >> 6 & 63]) }
            if padded {
                for _ in left..<3 { out.append(UInt8(ascii: "=")) }
            }
        }
    }

    func decode(_ text: Span<UInt8>) -> [UInt8]? {
        var length = text.count
        if padded {
            guard length % 4 == 0 else { return nil }
            if length > 0, text[length - 1] == UInt8(ascii: "=") { length -= 1 }
            if length > 0, length % 4 == 3, text[length - 1] == UInt8(ascii: "=") { length -= 1 }
        }
        let left = length % 4
        guard left != 1 else { return nil }
        let values = values.span
        var seen: UInt8 = 0
        var stray = 0
        let decoded = [UInt8](capacity: length / 4 * 3 + 2) { (out: inout OutputSpan<UInt8>) in
            var index = 0
            while index + 4 <= length {
                let a = values[Int(text[index])]
                let b = values[Int(text[index + 1])]
                let c = values[Int(text[index + 2])]
                let d = values[Int(text[index + 3])]
                seen |= a | b | c | d
                let group = UInt32(a & 63) << 18 | UInt32(b & 63) << 12 | UInt32(c & 63) << 6 | UInt32(d & 63)
                out.append(UInt8(truncatingIfNeeded: group >> 16))
                out.append(UInt8(truncatingIfNeeded: group >> 8))
                out.append(UInt8(truncatingIfNeeded: group))
                index += 4
            }
            guard left > 0 else { return }
            let a = values[Int(text[index])]
            let b = values[Int(text[index + 1])]
            let c = left == 3 ? values[Int(text[index + 2])] : 0
            seen |= a | b | c
            let group = UInt32(a & 63) << 18 | UInt32(b & 63) << 12 | UInt32(c & 63) << 6
            out.append(UInt8(truncatingIfNeeded: group >> 16))
            if left == 3 { out.append(UInt8(truncatingIfNeeded: group >> 8)) }
            stray = Int(group & (left == 3 ? 0xFF : 0xFFFF))
        }
        // A value of 255 leaves its top bits in `seen`; valid ones stay below 64.
        return seen < 64 && stray == 0 ? decoded : nil
    }
}
