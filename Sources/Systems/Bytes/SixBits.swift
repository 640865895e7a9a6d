/// The inner loops of base64: whole groups of three bytes and four characters. Tokens, signatures and identity headers all go through them.
public enum SixBits {
    /// Appends the characters of every whole group of three bytes. Returns how many bytes these are.
    /// - Parameter alphabet: 64 characters.
    @inlinable
    public static func encodeGroups(_ bytes: Span<UInt8>, alphabet: Span<UInt8>, into output: inout [UInt8]) -> Int {
        precondition(alphabet.count == 64)
        let groups = bytes.count / 3
        if groups == 0 { return 0 }
        output.append(addingCapacity: groups &* 4) { (out: inout OutputSpan<UInt8>) in
            unsafe out.withUnsafeMutableBufferPointer { target, initialised in
                unsafe bytes.withUnsafeBufferPointer { source in
                    unsafe alphabet.withUnsafeBufferPointer { alphabet in
                        // `groups` times three bytes are in the source, and `groups` times four were asked of the target; six bits index 64 characters.
                        for group in 0..<groups {
                            let at = group &* 3
                            let to = initialised &+ group &* 4
                            let word = unsafe Int(source[at]) << 16 | Int(source[at &+ 1]) << 8 | Int(source[at &+ 2])
                            unsafe target[to] = alphabet[word >> 18]
                            unsafe target[to &+ 1] = alphabet[word >> 12 & 63]
                            unsafe target[to &+ 2] = alphabet[word >> 6 & 63]
                            unsafe target[to &+ 3] = alphabet[word & 63]
                        }
                        initialised &+= groups &* 4
                    }
                }
            }
        }
        return groups &* 3
    }

    /// For each place of a group and each byte its six bits, moved to where they stand in the three bytes, the first of which is the lowest; the top bit
    /// for a byte that is no character.
    /// - Parameter values: for each of the 256 bytes its value, or 255.
    public static func places(_ values: [UInt8]) -> [UInt32] {
        precondition(values.count == 256)
        return [18, 12, 6, 0].flatMap { shift in
            values.map { $0 > 63 ? 1 << 31 : (UInt32($0) << shift).byteSwapped >> 8 }
        }
    }

    /// The bytes of the first `groups` groups of four characters, with room for two more; nil if one of the characters has no value.
    /// - Parameter places: what ``places(_:)`` made.
    @inlinable
    public static func decodeGroups(_ text: Span<UInt8>, groups: Int, places: Span<UInt32>) -> [UInt8]? {
        precondition(places.count == 1024 && groups >= 0 && groups <= text.count / 4)
        var seen: UInt32 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: groups &* 3 &+ 2) { target, initialised in
            unsafe text.withUnsafeBufferPointer { source in
                unsafe places.withUnsafeBufferPointer { places in
                    let target = UnsafeMutableRawBufferPointer(target)
                    // The groups are within the text, and a byte indexes 256 values of each place. A group is stored as four bytes, of which the last is
                    // the next group's, or one of the two that there is room for.
                    for group in 0..<groups {
                        let at = group &* 4
                        let word =
                            unsafe places[Int(source[at])] | places[256 &+ Int(source[at &+ 1])] | places[512 &+ Int(source[at &+ 2])]
                            | places[768 &+ Int(source[at &+ 3])]
                        seen |= word
                        unsafe target.storeBytes(of: word.littleEndian, toByteOffset: group &* 3, as: UInt32.self)
                    }
                }
            }
            initialised = groups &* 3
        }
        return seen >> 31 == 0 ? bytes : nil
    }
}
