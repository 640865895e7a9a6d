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

    /// The field line as it is kept (`name: value`), and its line end.
    static func append(_ headers: Headers, _ index: Int, to output: inout [UInt8]) {
        let line = headers.bytes.span.extracting(headers.nameRange(at: index).lowerBound..<headers.valueRange(at: index).upperBound)
        output.append(addingCapacity: line.count + 2) { output in
            output.append(copying: line)
            output.append(literal: "\r\n")
        }
    }

    /// What the fields of a head that frame its body take at most, and the empty line.
    static let framingRoom = 64

    /// The fields that frame a body, for which there must be room.
    /// - Parameter length: nil where it is not known, or there is none to speak of.
    static func appendFraming(length: Int?, isChunked: Bool, to output: inout OutputSpan<UInt8>) {
        if let length {
            output.append(literal: "Content-Length: ")
            output.append(decimal: UInt64(length))
            output.append(literal: "\r\n")
        } else if isChunked {
            output.append(literal: "Transfer-Encoding: chunked\r\n")
        }
    }

    /// All lines but those of the framing.
    static func append(_ headers: Headers, to output: inout [UInt8]) {
        for index in 0..<headers.count where !isFraming(headers, index) { append(headers, index, to: &output) }
    }
}
