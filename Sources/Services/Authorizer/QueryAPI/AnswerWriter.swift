internal import JSON

/// Writes the small answers of the Query protocol: XML or, where STS is asked for it, JSON with the same members.
struct AnswerWriter: Sendable {
    private var xml: [UInt8] = []
    /// Nil where the answer is XML. No element may come twice in another here.
    private var json: JSONWriter?

    init(asJSON: Bool = false) {
        guard asJSON else { return }
        json = JSONWriter()
        json?.beginObject()
    }

    var contentType: String { json == nil ? "text/xml" : "application/json" }

    /// The whole answer. To be called once, last.
    mutating func finish() -> [UInt8] {
        json?.endObject()
        return json?.bytes ?? xml
    }

    mutating func element(_ name: String, attributes: String = "", _ content: (inout AnswerWriter) -> Void) {
        guard json == nil else {
            json?.key(name)
            json?.beginObject()
            content(&self)
            json?.endObject()
            return
        }
        xml.append(contentsOf: "<\(name)\(attributes)>".utf8)
        content(&self)
        xml.append(contentsOf: "</\(name)>".utf8)
    }

    mutating func element(_ name: String, _ text: String) {
        guard json == nil else {
            json?.key(name)
            json?.string(text)
            return
        }
        element(name) { $0.append(text) }
    }

    /// Element content, in which nothing can end the element. Control characters, which XML 1.0 §2.2 has no way to write, become U+FFFD.
    private mutating func append(_ text: String) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "<": xml.append(contentsOf: "&lt;".utf8)
            case ">": xml.append(contentsOf: "&gt;".utf8)
            case "&": xml.append(contentsOf: "&amp;".utf8)
            case "\"": xml.append(contentsOf: "&quot;".utf8)
            case "\r": xml.append(contentsOf: "&#xD;".utf8)
            case "\n", "\t": xml.append(UInt8(scalar.value))
            case "\0"..<" ", "\u{FFFE}", "\u{FFFF}": xml.append(contentsOf: "\u{FFFD}".utf8)
            default: xml.append(contentsOf: String(scalar).utf8)
            }
        }
    }
}
