internal import Bytes

/// Which fields the connection writes itself, and how a field goes on the wire.
enum FieldRules {
    /// Whether field `index` frames the message or manages the connection: those are written by whoever owns the connection.
    static func isFraming(_ headers: Headers, _ index: Int) -> Bool {
        headers.withName(at: index) { name in
            switch (name.count, Grammar.lowercased(name[0])) {
            case (10, UInt8(ascii: "c")): Grammar.equals(name, "connection")
            case (10, UInt8(ascii: "k")): Grammar.equals(name, "keep-alive")
            case (14, UInt8(ascii: "c")): Grammar.equals(name, "content-length")
            case (17, UInt8(ascii: "t")): Grammar.equals(name, "transfer-encoding")
            default: false
            }
        }
    }

    static func isDate(_ headers: Headers, _ index: Int) -> Bool {
        headers.withName(at: index) { $0.count == 4 && Grammar.lowercased($0[0]) == UInt8(ascii: "d") && Grammar.equals($0, "date") }
    }

    /// The field line as it is kept (`name: value`), and its line end.
    static func append(_ headers: Headers, _ index: Int, to output: inout [UInt8]) {
        let line = headers.bytes.span.extracting(headers.nameRange(at: index).lowerBound..<headers.valueRange(at: index).upperBound)
        output.append(addingCapacity: line.count + 2) { output in
            output.append(copying: line)
            output.append(literal: "\r\n")
        }
    }
}
