internal import Bytes
internal import Contracts
internal import Encodings
internal import HTTP2Frames

/// The header block of a response.
struct ResponseTranslation {
    private static let status = Array(":status".utf8)
    private static let contentLength = Array("content-length".utf8)
    private static let date = Array("date".utf8)

    private(set) var block = FieldBlock()

    /// - Parameter length: what Content-Length says; nil leaves it out.
    init(_ response: Response, length: Int?, dateLine: inout DateLine) {
        block.reserve(bytes: 128 + response.headers.bytes.count + response.fieldLines.bytes.count, fields: 16)
        add(response.status.rawValue)
        var hasDate = response.fieldLines.hasDate
        for index in 0..<response.headers.count where !FieldRules.isFraming(response.headers, index) {
            hasDate = hasDate || FieldRules.isDate(response.headers, index)
            let bytes = response.headers.bytes.span
            add(bytes.extracting(response.headers.nameRange(at: index)), bytes.extracting(response.headers.valueRange(at: index)))
        }
        add(response.fieldLines)
        if !hasDate { dateLine.withValue { block.add(Self.date.span, $0) } }
        if let length { block.add(Self.contentLength.span, decimal: length) }
    }

    init(status: Status) { add(status.rawValue) }

    /// The fields behind a body.
    init(trailers: Headers) {
        let bytes = trailers.bytes.span
        for index in 0..<trailers.count where !FieldRules.isFraming(trailers, index) {
            add(bytes.extracting(trailers.nameRange(at: index)), bytes.extracting(trailers.valueRange(at: index)))
        }
    }

    private mutating func add(_ status: UInt16) { block.add(Self.status.span, decimal: Int(status)) }

    private mutating func add(_ lines: FieldLines) {
        let bytes = lines.bytes.span
        var start = 0
        while start < bytes.count {
            let colon = bytes.firstIndex(of: UInt8(ascii: ":"), from: start)
            // No value holds a control, so the first is its line's end.
            let end = bytes.firstControl(from: colon + 1)
            var value = colon + 1
            while value < end, Grammar.isWhitespace(bytes[value]) { value += 1 }
            add(bytes.extracting(start..<colon), bytes.extracting(value..<end))
            start = end + 2
        }
    }

    private mutating func add(_ name: Span<UInt8>, _ value: Span<UInt8>) {
        if Self.isHopByHop(name) { return }
        block.add(name, value, isOneOff: Self.isOneOff(name))
    }

    /// What speaks of a connection has no place in HTTP/2 (RFC 9113 §8.2.2).
    private static func isHopByHop(_ name: Span<UInt8>) -> Bool {
        switch name.count {
        case 2: Grammar.equals(name, "te")
        case 7: Grammar.equals(name, "upgrade")
        case 16: Grammar.equals(name, "proxy-connection")
        default: false
        }
    }

    /// Fields that differ each time would only push others out of the client's table.
    private static func isOneOff(_ name: Span<UInt8>) -> Bool {
        switch name.count {
        case 11: Grammar.equals(name, "traceparent")
        case 14: Grammar.equals(name, "x-amz-apigw-id")
        case 16: Grammar.equals(name, "x-amzn-requestid") || Grammar.equals(name, "x-amzn-trace-id")
        case 25: Grammar.equals(name, HeaderNames.auditPosition)
        default: false
        }
    }
}
