/// Copies of borrowed bytes at the speed of `memcpy`. The safe form, one element after the other, keeps its checks for each: it takes ten times as long,
/// and every header, signature and token goes through here.
extension [UInt8] {
    /// A copy of the bytes of `span`.
    @inlinable
    public init(copying span: Span<UInt8>) {
        self = unsafe span.withUnsafeBufferPointer { unsafe Array($0) }
    }

    /// Appends all bytes of `span`.
    @inlinable
    public mutating func appendBytes(of span: Span<UInt8>) {
        // The buffer is the span's own memory, which outlives the call; appending copies it.
        unsafe span.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}
