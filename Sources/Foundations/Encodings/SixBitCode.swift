internal import Bytes

/// The alphabet of one base64 variant and the strict coder both variants share (RFC 4648 §4, §5).
///
/// Decoding is canonical: the only text accepted for some bytes is the one `encode` gives. So two different texts never
/// name the same token, key or cursor (RFC 4648 §3.5 allows to refuse non-zero trailing bits; we do).
struct SixBitCode: Sendable {
    let characters: [UInt8]
    /// Value of each character, 255 for what isn't in the alphabet.
    let values: [UInt8]
    /// The same for each of the four places of a group, moved to where its bits belong; see `SixBits.decodeGroups`.
    let places: [UInt32]
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
        places = SixBits.places(values)
        self.padded = padded
    }

    func encode(_ bytes: Span<UInt8>, into output: inout [UInt8]) {
        let alphabet = characters.span
        let index = SixBits.encodeGroups(bytes, alphabet: alphabet, into: &output)
        let left = bytes.count - index
        guard left > 0 else { return }
        let group = Int(bytes[index]) << 16 | (left == 2 ? Int(bytes[index + 1]) << 8 : 0)
        output.append(alphabet[group >> 18])
        output.append(alphabet[group >> 12 & 63])
        if left == 2 { output.append(alphabet[group >> 6 & 63]) }
        if padded {
            for _ in left..<3 { output.append(UInt8(ascii: "=")) }
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
        guard left != 1, var decoded = SixBits.decodeGroups(text, groups: length / 4, places: places.span) else { return nil }
        guard left > 0 else { return decoded }
        let a = values[Int(text[length - left])]
        let b = values[Int(text[length - left + 1])]
        let c = left == 3 ? values[Int(text[length - 1])] : 0
        guard a | b | c < 64 else { return nil }
        let group = UInt32(a) << 18 | UInt32(b) << 12 | UInt32(c) << 6
        decoded.append(UInt8(truncatingIfNeeded: group >> 16))
        if left == 3 { decoded.append(UInt8(truncatingIfNeeded: group >> 8)) }
        // What is left over of the last character must be zero, or two texts would name the same bytes.
        return group & (left == 3 ? 0xFF : 0xFFFF) == 0 ? decoded : nil
    }
}
