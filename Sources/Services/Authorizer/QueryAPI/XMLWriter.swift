/// Writes the small XML of the Query protocol.
struct XMLWriter: Sendable {
    private(set) var bytes: [UInt8] = []

    mutating func element(_ name: String, attributes: String = "", _ content: (inout XMLWriter) -> Void) {
        bytes.append(contentsOf: "<\(name)\(attributes)>".utf8)
        content(&self)
        bytes.append(contentsOf: "</\(name)>".utf8)
    }

    mutating func element(_ name: String, _ text: String) {
        element(name) { $0.text(text) }
    }

    /// Element content, in which nothing can end the element. Control characters, which XML 1.0 §2.2 has no way to write, become U+FFFD.
    private mutating func text(_ text: String) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "<": bytes.append(contentsOf: "&lt;".utf8)
            case ">": bytes.append(contentsOf: "&gt;".utf8)
            case "&": bytes.append(contentsOf: "&amp;".utf8)
            case "\"": bytes.append(contentsOf: "&quot;".utf8)
            case "\r": bytes.append(contentsOf: "&#xD;".utf8)
            case "\n", "\t": bytes.append(UInt8(scalar.value))
            case "\0"..<" ", "\u{FFFE}", "\u{FFFF}": bytes.append(contentsOf: "\u{FFFD}".utf8)
            default: bytes.append(contentsOf: String(scalar).utf8)
            }
        }
    }
}
