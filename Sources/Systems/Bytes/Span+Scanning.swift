extension Span where Element == UInt8 {
    /// True if any byte is below `limit`, which is at most 128.
    @inlinable
    public func holdsByte(below limit: UInt8) -> Bool {
        unsafe withUnsafeBytes { bytes in
            let ones: UInt64 = 0x0101_0101_0101_0101
            let limits = ones &* UInt64(limit)
            var index = 0
            // Eight bytes at a time: taking the limit from a byte below it borrows, which shows in the byte's highest bit unless that was set before.
            // Every load ends within the buffer.
            while index &+ 8 <= bytes.count {
                let word = unsafe bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                if (word &- limits) & ~word & (ones &* 0x80) != 0 { return true }
                index &+= 8
            }
            while index < bytes.count {
                if unsafe bytes[index] < limit { return true }
                index &+= 1
            }
            return false
        }
    }
}
