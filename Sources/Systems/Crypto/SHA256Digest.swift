/// The 32 bytes of a SHA-256 digest, or of an HMAC made with it. A value without allocation, so it can be a dictionary's key.
public struct SHA256Digest: Hashable, Sendable {
    public static let byteCount = 32

    // The digest's bytes in memory order.
    private var words: (UInt64, UInt64, UInt64, UInt64) { (word0, word1, word2, word3) }
    private let word0: UInt64
    private let word1: UInt64
    private let word2: UInt64
    private let word3: UInt64

    init(words: (UInt64, UInt64, UInt64, UInt64)) {
        (word0, word1, word2, word3) = words
    }

    /// Nil unless there are exactly 32 bytes.
    public init?(_ bytes: Span<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        // Both sides are 32 bytes long: the guard above, and the tuple's layout.
        unsafe withUnsafeMutableBytes(of: &words) { out in
            unsafe bytes.withUnsafeBytes { unsafe out.copyMemory(from: $0) }
        }
        self.init(words: words)
    }

    public init?(_ bytes: [UInt8]) { self.init(bytes.span) }

    /// The first eight bytes, read as one big-endian number.
    public var word: UInt64 { UInt64(bigEndian: word0) }

    public var bytes: [UInt8] {
        var out: [UInt8] = []
        append(to: &out)
        return out
    }

    public func append(to out: inout [UInt8]) {
        let words = words
        // A tuple of four words is 32 contiguous bytes.
        unsafe withUnsafeBytes(of: words) { unsafe out.append(contentsOf: $0) }
    }

    /// Lends the 32 bytes without copying them to the heap.
    public func withSpan<R, E: Error>(_ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        let words = words
        return try unsafe withUnsafeBytes(of: words) { (raw) throws(E) -> R in
            // The span does not outlive the closure that the pointer is valid in.
            try body(unsafe Span<UInt8>(_unsafeBytes: raw))
        }
    }
}
