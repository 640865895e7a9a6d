/// SHA-256 (FIPS 180-4).
public enum SHA256 {
    public static func hash(_ bytes: Span<UInt8>) -> SHA256Digest {
        var stream = SHA256Stream()
        stream.update(bytes)
        return stream.finalize()
    }

    public static func hash(_ bytes: [UInt8]) -> SHA256Digest { hash(bytes.span) }
}
