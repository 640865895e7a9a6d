extension [UInt8] {
    /// A copy of the borrowed bytes, made at once rather than byte by byte.
    public init(copying bytes: Span<UInt8>) {
        self = unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }
    }

    /// Appends the borrowed bytes at once.
    public mutating func append(copying bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}

extension Span where Element == UInt8 {
    /// The first byte at or after `start` that can't stand in a field value: a control other than HTAB, or DEL; `count` if there is none.
    /// Sixteen bytes at a time, which is what a message's head is mostly read with.
    public func firstControl(from start: Int) -> Int {
        // Every load stays within the count.
        unsafe withUnsafeBytes { bytes in
            var index = start
            let space = SIMD16<UInt8>(repeating: 0x20)
            let tab = SIMD16<UInt8>(repeating: 0x09)
            let delete = SIMD16<UInt8>(repeating: 0x7F)
            while index + 16 <= bytes.count {
                let block = unsafe bytes.loadUnaligned(fromByteOffset: index, as: SIMD16<UInt8>.self)
                if any(((block .< space) .& (block .!= tab)) .| (block .== delete)) { break }
                index += 16
            }
            while index < bytes.count {
                let byte = unsafe bytes[index]
                if (byte < 0x20 && byte != 0x09) || byte == 0x7F { return index }
                index += 1
            }
            return index
        }
    }
}
