internal import Bytes

/// Which fields the connection writes itself, and how a field goes on the wire.
enum FieldRules {
    /// Whether field `index` frames the message or manages the connection: those are written by whoever owns the connection.
    static func isFraming(_ headers: Headers, _ index: Int) -> Bool {
        let name = headers.bytes.span.extracting(headers.nameRange(at: index))
        // Their lengths tell them from most others.
        return switch name.count {
        case 10: Grammar.equals(name, "connection") || Grammar.equals(name, "keep-alive")
        case 14: Grammar.equals(name, "content-length")
        case 17: Grammar.equals(name, "transfer-encoding")
        default: false
        }
    }

    static func isDate(_ headers: Headers, _ index: Int) -> Bool {
        Grammar.equals(headers.bytes.span.extracting(headers.nameRange(at: index)), "date")
    }

    static func hasDate(_ headers: Headers) -> Bool {
        for index in 0..<headers.count where isDate(headers, index) { return true }
        return false
    }

    /// The field line as it is kept (`name: value`), and its line end.
    static func append(_ headers: Headers, _ index: Int, to output: inout [UInt8]) {
        let line = headers.bytes.span.extracting(headers.nameRange(at: index).lowerBound..<headers.valueRange(at: index).upperBound)
        output.append(addingCapacity: line.count + 2) { output in
            output.append(copying: line)
            output.append(literal: "\r\n")
        }
    }

    /// All lines but those of the framing.
    static func append(_ headers: Headers, to output: inout [UInt8]) {
        for index in 0..<headers.count where !isFraming(headers, index) { append(headers, index, to: &output) }
    }
}
