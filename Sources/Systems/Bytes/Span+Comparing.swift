extension Span where Element == UInt8 {
    /// True if both hold the same bytes. Stops at the first difference, so it isn't for secrets.
    @inlinable
    public func hasSameBytes(as other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        return unsafe withUnsafeBufferPointer { left in
            unsafe other.withUnsafeBufferPointer { right in
                // Both have `count` bytes: the indices stay inside.
                for index in 0..<left.count where unsafe left[index] != right[index] { return false }
                return true
            }
        }
    }
}
