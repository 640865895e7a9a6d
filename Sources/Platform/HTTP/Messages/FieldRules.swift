/// Which fields the connection writes itself, and how a field goes on the wire.
enum FieldRules {
    /// Whether field `index` frames the message or manages the connection: those are written by whoever owns the connection.
    static func isFraming(_ headers: Headers, _ index: Int) -> Bool {
        switch headers.nameRange(at: index).count {
        case 10: headers.withName(at: index) { Grammar.equals($0, "connection") || Grammar.equals($0, "keep-alive") }
        case 14: headers.withName(at: index) { Grammar.equals($0, "content-length") }
        case 17: headers.withName(at: index) { Grammar.equals($0, "transfer-encoding") }
        default: false
        }
    }

    /// The field line as it is kept (`name: value`), and its line end.
    static func append(_ headers: Headers, _ index: Int, to output: inout [UInt8]) {
        output.append(contentsOf: headers.bytes[headers.nameRange(at: index).lowerBound..<headers.valueRange(at: index).upperBound])
        output.append(13)
        output.append(10)
    }
}
