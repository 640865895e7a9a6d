import Bytes
import JSON
import YAML

/// Turns a YAML tree into the JSON value it stands for, by YAML 1.2's core schema (§10.3.2).
///
/// What YAML 1.1 and 1.2 read differently (`no`, `on`, `0777`, `0x10`, `1:30`, `.inf`) is refused unless it is quoted: the file is also
/// read by other tools, and two readers of one route table must not disagree.
enum YAMLConversion {
    static func value(_ node: YAMLNode, path: String = "") throws(DocumentError) -> JSONValue {
        switch node {
        case .scalar(let text, isPlain: false, _): return .string(text)
        case .scalar(let text, isPlain: true, let line):
            guard let value = plain(text) else {
                throw DocumentError(.invalid("\(text) means different things to different readers of YAML: quote it (line \(line))"), at: path)
            }
            return value
        case .sequence(let elements, _):
            var values: [JSONValue] = []
            for (index, element) in elements.enumerated() { values.append(try value(element, path: "\(path)/\(index)")) }
            return .array(values)
        case .mapping(let members, _):
            var object = JSONObject()
            for (key, member) in members { object[key] = try value(member, path: "\(path)/\(DocumentNode.escaped(key))") }
            return .object(object)
        }
    }

    private static let ambiguous: Set<String> = [
        "yes", "no", "on", "off", ".inf", "+.inf", "-.inf", ".nan",
    ]

    /// Nil where readers disagree.
    private static func plain(_ text: String) -> JSONValue? {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default: break
        }
        if ambiguous.contains(text.lowercased()) { return nil }
        guard let first = text.utf8.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") || first == UInt8(ascii: ".") || first.isDigit
        else { return .string(text) }
        return number(text)
    }

    private static func number(_ text: String) -> JSONValue? {
        var digits = text.utf8[...]
        if let sign = digits.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { digits = digits.dropFirst() }
        guard let first = digits.first, first.isDigit || first == UInt8(ascii: ".") else { return .string(text) }
        if digits.allSatisfy(\.isDigit) {
            // 1.1 reads a leading zero as octal.
            guard digits.count == 1 || first != UInt8(ascii: "0") else { return nil }
            return Int64(text).map { .number(JSONNumber($0)) }
        }
        let numeric = Set("0123456789.eE+-".utf8)
        if digits.allSatisfy(numeric.contains), let double = Double(text), let number = JSONNumber(double) { return .number(number) }
        // 0x10, 0o17, 1_000 and 1:30 are numbers to some.
        let loose = Set("0123456789abcdefABCDEFxo_:".utf8)
        let looksNumeric = digits.allSatisfy(loose.contains) && digits.contains { $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ":") }
        let isPrefixed = digits.count > 2 && first == UInt8(ascii: "0") && "xXobB".utf8.contains(digits[digits.index(after: digits.startIndex)])
        return looksNumeric || isPrefixed ? nil : .string(text)
    }
}
