/// Looking for a byte sixteen at a time: every head, header, claim and text is read this way before anything else happens to it.
///
/// Every load begins at or after `start`, which is in the buffer, and ends within it.
extension Span where Element == UInt8 {
    /// The place of the first `byte` at or after `start`; `count` if there is none.
    @inlinable
    public func firstIndex(of byte: UInt8, from start: Int = 0) -> Int {
        precondition(start >= 0 && start <= count)
        return unsafe withUnsafeBytes { bytes in
            let wanted = SIMD16<UInt8>(repeating: byte)
            var index = start
            while index &+ 16 <= bytes.count {
                if any(unsafe bytes.loadUnaligned(fromByteOffset: index, as: SIMD16<UInt8>.self) .== wanted) { break }
                index &+= 16
            }
            while index < bytes.count, unsafe bytes[index] != byte { index &+= 1 }
            return index
        }
    }

    /// The place of the first byte at or after `start` that can't stand in a JSON string as it is (RFC 8259 §7): a control character, a quotation mark
    /// or a backslash; `count` if there is none.
    @inlinable
    public func firstJSONSpecial(from start: Int = 0) -> Int {
        precondition(start >= 0 && start <= count)
        return unsafe withUnsafeBytes { bytes in
            let space = SIMD16<UInt8>(repeating: 0x20)
            let quote = SIMD16<UInt8>(repeating: 0x22)
            let backslash = SIMD16<UInt8>(repeating: 0x5C)
            var index = start
            while index &+ 16 <= bytes.count {
                let block = unsafe bytes.loadUnaligned(fromByteOffset: index, as: SIMD16<UInt8>.self)
                if any((block .< space) .| (block .== quote) .| (block .== backslash)) { break }
                index &+= 16
            }
            while index < bytes.count {
                let byte = unsafe bytes[index]
                if byte < 0x20 || byte == 0x22 || byte == 0x5C { return index }
                index &+= 1
            }
            return index
        }
    }

    /// The place of the first byte at or after `start` that can't stand in a field value (RFC 9110 §5.5): a control other than HTAB, or DEL; `count`
    /// if there is none.
    @inlinable
    public func firstControl(from start: Int) -> Int {
        precondition(start >= 0 && start <= count)
        return unsafe withUnsafeBytes { bytes in
            let space = SIMD16<UInt8>(repeating: 0x20)
            let tab = SIMD16<UInt8>(repeating: 0x09)
            let delete = SIMD16<UInt8>(repeating: 0x7F)
            var index = start
            while index &+ 16 <= bytes.count {
                let block = unsafe bytes.loadUnaligned(fromByteOffset: index, as: SIMD16<UInt8>.self)
                if any(((block .< space) .& (block .!= tab)) .| (block .== delete)) { break }
                index &+= 16
            }
            while index < bytes.count {
                let byte = unsafe bytes[index]
                if (byte < 0x20 && byte != 0x09) || byte == 0x7F { return index }
                index &+= 1
            }
            return index
        }
    }

    /// True if any byte is below `limit`.
    @inlinable
    public func holdsByte(below limit: UInt8) -> Bool {
        unsafe withUnsafeBytes { bytes in
            let limits = SIMD16<UInt8>(repeating: limit)
            var index = 0
            while index &+ 16 <= bytes.count {
                if any(unsafe bytes.loadUnaligned(fromByteOffset: index, as: SIMD16<UInt8>.self) .< limits) { return true }
                index &+= 16
            }
            while index < bytes.count {
                if unsafe bytes[index] < limit { return true }
                index &+= 1
            }
            return false
        }
    }

    /// True if any byte is above `limit`.
    @inlinable
    public func holdsByte(above limit: UInt8) -> Bool {
        unsafe withUnsafeBytes { bytes in
            let limits = SIMD16<UInt8>(repeating: limit)
            var index = 0
            while index &+ 16 <= bytes.count {
                if any(unsafe bytes.loadUnaligned(fromByteOffset: index, as: SIMD16<UInt8>.self) .> limits) { return true }
                index &+= 16
            }
            while index < bytes.count {
                if unsafe bytes[index] > limit { return true }
                index &+= 1
            }
            return false
        }
    }
}
