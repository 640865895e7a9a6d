/// Base64 with padding (RFC 4648 §4), strict: no white space, no missing padding, no stray trailing bits.
public enum Base64 {
    static let code = SixBitCode(last: (UInt8(ascii: "+"), UInt8(ascii: "/")), padded: true)

    public static func encode(_ bytes: Span<UInt8>) -> String {
        var output: [UInt8] = []
        code.encode(bytes, into: &output)
        return String(decoding: output, as: UTF8.self)
    }

    public static func encode(_ bytes: [UInt8]) -> String {
        encode(bytes.span)
    }

    /// The bytes, or nil if `text` is not exactly what `encode` gives for some bytes.
    public static func decode(_ text: Span<UInt8>) -> [UInt8]? {
        code.decode(text)
    }

    public static func decode(_ text: String) -> [UInt8]? {
        code.decode(text.utf8.span)
    }
}
