import Bytes
import Encodings

enum CanonicalQuery {
    /// How names and values are written.
    enum Form: Sendable {
        /// What may stand in a query (RFC 3986 §3.4) stays as it was sent, for that is what botocore signs; everything else is escaped.
        case asSent
        /// Everything but unreserved characters is escaped, in upper case, however it was sent: the rule in AWS's words, and what curl signs since 8.3. A plus
        /// stays as it is, for there are two readings of it, and so does what a name escapes without need: as `X%2DAmz-Expires` it would be read past.
        case normalised
    }

    /// The parameters sorted by name, then value.
    static func append(_ query: Span<UInt8>, _ form: Form = .asSent, omittingSignature: Bool, to output: inout [UInt8]) {
        var escaped: [UInt8] = []
        escaped.reserveCapacity(query.count + 32)
        var pairs: [Pair] = []
        var index = 0
        while index <= query.count {
            var end = index
            while end < query.count, query[end] != UInt8(ascii: "&") { end += 1 }
            let pair = query.extracting(index..<end)
            // As a presigned URL's claim is read: of another spelling, it is a parameter like others.
            if !(omittingSignature && pair.extracting(first: 16).equals("X-Amz-Signature=".utf8.span)) {
                pairs.append(Pair(pair, form, escapedInto: &escaped))
            }
            index = end + 1
        }
        if pairs.count > 1 {
            pairs.sort { left, right in
                let order = compare(escaped.span.extracting(left.name), escaped.span.extracting(right.name))
                return order != 0 ? order < 0 : compare(escaped.span.extracting(left.value), escaped.span.extracting(right.value)) < 0
            }
        }
        for (position, pair) in pairs.enumerated() {
            if position > 0 { output.append(UInt8(ascii: "&")) }
            output.append(escaped.span.extracting(pair.name))
            output.append(UInt8(ascii: "="))
            output.append(escaped.span.extracting(pair.value))
        }
    }

    /// Where name and value lie in the escaped text.
    private struct Pair {
        let name: Range<Int>
        let value: Range<Int>

        init(_ pair: Span<UInt8>, _ form: Form, escapedInto output: inout [UInt8]) {
            let start = output.count
            var index = 0
            while index < pair.count, pair[index] != UInt8(ascii: "=") { index += 1 }
            CanonicalQuery.escape(pair.extracting(0..<index), form, isName: true, into: &output)
            let middle = output.count
            if index + 1 < pair.count { CanonicalQuery.escape(pair.extracting((index + 1)...), form, isName: false, into: &output) }
            name = start..<middle
            value = middle..<output.count
        }
    }

    private static func escape(_ text: Span<UInt8>, _ form: Form, isName: Bool, into output: inout [UInt8]) {
        switch form {
        case .asSent: escapeWhatMayNotStand(text, into: &output)
        case .normalised: normalise(text, isName: isName, into: &output)
        }
    }

    private static func normalise(_ text: Span<UInt8>, isName: Bool, into output: inout [UInt8]) {
        var index = 0
        while index < text.count {
            if text[index] == UInt8(ascii: "%"), index + 2 < text.count, let high = text[index + 1].hexadecimalValue,
                let low = text[index + 2].hexadecimalValue
            {
                let byte: InlineArray<1, UInt8> = [high << 4 | low]
                if isName, PercentEncoding.isUnreserved(byte[0]) {
                    output.append(text.extracting(index..<index + 3))
                } else {
                    PercentEncoding.encode(byte.span, into: &output)
                }
                index += 3
            } else if text[index] == UInt8(ascii: "+") {
                output.append(text[index])
                index += 1
            } else {
                PercentEncoding.encode(text.extracting(index..<index + 1), into: &output)
                index += 1
            }
        }
    }

    private static func escapeWhatMayNotStand(_ text: Span<UInt8>, into output: inout [UInt8]) {
        for index in text.indices {
            let byte = text[index]
            switch byte {
            // pchar's sub-delims, ":", "@", "/", "?" and the "%" of escapes; "&" ended the pair.
            case UInt8(ascii: "!"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "'")...UInt8(ascii: ","), UInt8(ascii: "/"),
                UInt8(ascii: ":"), UInt8(ascii: ";"), UInt8(ascii: "="), UInt8(ascii: "?"), UInt8(ascii: "@"):
                output.append(byte)
            default:
                PercentEncoding.encode(text.extracting(index..<index + 1), into: &output)
            }
        }
    }

    private static func compare(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Int {
        for index in 0..<min(left.count, right.count) where left[index] != right[index] {
            return Int(left[index]) - Int(right[index])
        }
        return left.count - right.count
    }
}
