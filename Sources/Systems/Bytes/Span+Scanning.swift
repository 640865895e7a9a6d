/// Looking for a byte sixteen at a time: every head, header, claim and text is read this way before anything else happens to it.
extension Span where Element == UInt8 {
    /// The place of the first `byte` at or after `start`; `count` if there is none.
    @inlinable
    public func firstIndex(of byte: UInt8, from start: Int = 0) -> Int {
        let wanted = SIMD16(repeating: byte)
        return first(from: start, inBlock: { $0 .== wanted }, alone: { $0 == byte })
    }

    /// The place of the first byte at or after `start` that can't stand in a JSON string as it is (RFC 8259 §7): a control character, a quotation mark
    /// or a backslash; `count` if there is none.
    @inlinable
    public func firstJSONSpecial(from start: Int = 0) -> Int {
        let space = SIMD16<UInt8>(repeating: 0x20)
        let quote = SIMD16<UInt8>(repeating: 0x22)
        let backslash = SIMD16<UInt8>(repeating: 0x5C)
        return first(
            from: start, inBlock: { ($0 .< space) .| ($0 .== quote) .| ($0 .== backslash) }, alone: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C })
    }

    /// The place of the first byte at or after `start` that can't stand in a field value (RFC 9110 §5.5): a control other than HTAB, or DEL; `count`
    /// if there is none.
    @inlinable
    public func firstControl(from start: Int) -> Int {
        let space = SIMD16<UInt8>(repeating: 0x20)
        let tab = SIMD16<UInt8>(repeating: 0x09)
        let delete = SIMD16<UInt8>(repeating: 0x7F)
        return first(
            from: start, inBlock: { (($0 .< space) .& ($0 .!= tab)) .| ($0 .== delete) }, alone: { ($0 < 0x20 && $0 != 0x09) || $0 == 0x7F })
    }

    /// The place of the first byte at or after `start` that is none of those that nearly every field name is made of: letters, digits and the dash;
    /// `count` if there is none. Names are short: eight bytes at a time.
    @inlinable
    public func firstBeyondName(from start: Int) -> Int {
        precondition(start >= 0 && start <= count)
        // Every load begins at or after `start`, which is in the buffer, and ends within it.
        return unsafe withUnsafeBytes { bytes in
            var index = start
            while index &+ 8 <= bytes.count {
                let others = unsafe beyondName(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)))
                if others != 0 { return index &+ others.trailingZeroBitCount / 8 }
                index &+= 8
            }
            while index < bytes.count, unsafe beyondName(UInt64(bytes[index])) & 0x80 == 0 { index &+= 1 }
            return index
        }
    }

    /// True if any byte is below `limit`.
    @inlinable
    public func holdsByte(below limit: UInt8) -> Bool {
        let limits = SIMD16(repeating: limit)
        return first(from: 0, inBlock: { $0 .< limits }, alone: { $0 < limit }) < count
    }

    /// True if any byte is above `limit`.
    @inlinable
    public func holdsByte(above limit: UInt8) -> Bool {
        let limits = SIMD16(repeating: limit)
        return first(from: 0, inBlock: { $0 .> limits }, alone: { $0 > limit }) < count
    }

    /// The place of the first byte that is looked for; `count` if there is none. Both closures must agree on every byte.
    @inlinable @inline(__always)
    func first(from start: Int, inBlock: (SIMD16<UInt8>) -> SIMDMask<SIMD16<Int8>>, alone: (UInt8) -> Bool) -> Int {
        precondition(start >= 0 && start <= count)
        // Every load begins at or after `start`, which is in the buffer, and ends within it.
        return unsafe withUnsafeBytes { bytes in
            func block(_ index: Int) -> SIMDMask<SIMD16<Int8>> { unsafe inBlock(bytes.loadUnaligned(fromByteOffset: index, as: SIMD16<UInt8>.self)) }
            var index = start
            // Nearly all bytes are ordinary: whether any of 64 is not is asked once, where it is, below.
            while index &+ 64 <= bytes.count {
                let lanes = words(of: (block(index) .| block(index &+ 16)) .| (block(index &+ 32) .| block(index &+ 48)))
                if lanes[0] | lanes[1] != 0 { break }
                index &+= 64
            }
            while index &+ 16 <= bytes.count {
                let lanes = words(of: block(index))
                if lanes[0] | lanes[1] != 0 {
                    let isInFirst = lanes[0] != 0
                    let place = (isInFirst ? lanes[0] : lanes[1]).littleEndian.trailingZeroBitCount / 8
                    return index &+ place &+ (isInFirst ? 0 : 8)
                }
                index &+= 16
            }
            while index < bytes.count, unsafe !alone(bytes[index]) { index &+= 1 }
            return index
        }
    }
}

/// The lanes of a mask, all ones where they match, as two words (of the same size): so they tell whether and where in a few instructions; `any` folds them
/// together one after the other.
@inlinable @inline(__always)
func words(of mask: SIMDMask<SIMD16<Int8>>) -> SIMD2<UInt64> { unsafe unsafeBitCast(mask, to: SIMD2<UInt64>.self) }

/// The top bit of each of the eight bytes that is no letter, digit or dash.
@inlinable @inline(__always)
func beyondName(_ word: UInt64) -> UInt64 {
    // Below 0x80, adding 0x80 less a limit carries into the top bit from that limit on, and never leaves its byte.
    let low = word & 0x7F7F_7F7F_7F7F_7F7F
    let lower = low | 0x2020_2020_2020_2020
    let letters = (lower &+ 0x1F1F_1F1F_1F1F_1F1F) & ~(lower &+ 0x0505_0505_0505_0505)
    let digits = (low &+ 0x5050_5050_5050_5050) & ~(low &+ 0x4646_4646_4646_4646)
    let dashes = ~((low ^ 0x2D2D_2D2D_2D2D_2D2D) &+ 0x7F7F_7F7F_7F7F_7F7F)
    return ~((letters | digits | dashes) & ~word) & 0x8080_8080_8080_8080
}
