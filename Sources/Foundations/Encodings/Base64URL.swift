/// Base64url without padding (RFC 4648 §5, RFC 7515 §2), strict: no `=`, `+`, `/`, no white space, no stray trailing bits.
public enum Base64URL {
    static let code = SixBitCode(last: (UInt8(ascii: "-"), UInt8(ascii: "_")), padded: false)

    public static func encode(_ bytes: Span<UInt8>) -> String {
        var output: [UInt8] = []
        code.encode(bytes, into: &output)
        return String(decoding: output, as: UTF8.self)
    }

    public static func encode(_ bytes: [UInt8]) -> String {
        encode(bytes.span)
    }

    public static func encode(_ bytes: Span<UInt8>, into output: inout [UInt8]) {
        code.encode(bytes, into: &output)
    }

    /// The bytes, or nil if `text` is not exactly what `encode` gives for some bytes.
    public static func decode(_ text: Span<UInt8>) -> [UInt8]? {
        code.decode(text)
    }

    public static func decode(_ text: String) -> [UInt8]? {
        code.decode(text.utf8.span)
    }
}
