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

    /// The bytes of the first `groups` groups of four characters, with room for two more; nil if one of the characters has no value.
    /// - Parameter values: for each of the 256 bytes its value, or 255.
    @inlinable
    public static func decodeGroups(_ text: Span<UInt8>, groups: Int, values: Span<UInt8>) -> [UInt8]? {
        precondition(values.count == 256 && groups >= 0 && groups <= text.count / 4)
        var seen: UInt8 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: groups &* 3 &+ 2) { target, initialised in
            unsafe text.withUnsafeBufferPointer { source in
                unsafe values.withUnsafeBufferPointer { values in
                    // The groups are within the text, and a byte indexes 256 values.
                    for group in 0..<groups {
                        let at = group &* 4
                        let to = group &* 3
                        let (a, b) = unsafe (values[Int(source[at])], values[Int(source[at &+ 1])])
                        let (c, d) = unsafe (values[Int(source[at &+ 2])], values[Int(source[at &+ 3])])
                        seen |= a | b | c | d
                        let word = UInt32(a) << 18 | UInt32(b) << 12 | UInt32(c) << 6 | UInt32(d)
                        unsafe target[to] = UInt8(truncatingIfNeeded: word >> 16)
                        unsafe target[to &+ 1] = UInt8(truncatingIfNeeded: word >> 8)
                        unsafe target[to &+ 2] = UInt8(truncatingIfNeeded: word)
                    }
                }
            }
            initialised = groups &* 3
        }
        // A value of 255 leaves its top bits in `seen`; valid ones stay below 64.
        return seen < 64 ? bytes : nil
    }
}
