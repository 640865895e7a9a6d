internal import Encodings

/// RFC 7468: DER between two lines that name it, in base 64, 64 characters a line.
enum PEM {
    static func encode(_ der: [UInt8], label: String) -> [UInt8] {
        let text = Array(Base64.encode(der).utf8)
        var lines = Array("-----BEGIN \(label)-----\n".utf8)
        for start in stride(from: 0, to: text.count, by: 64) {
            lines += text[start..<min(start + 64, text.count)]
            lines.append(UInt8(ascii: "\n"))
        }
        return lines + Array("-----END \(label)-----\n".utf8)
    }
}
