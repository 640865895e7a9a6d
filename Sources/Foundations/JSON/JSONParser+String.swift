internal import Bytes

extension JSONParser {
    /// RFC 8259 §7. The position is at the opening quotation mark.
    mutating func string(_ bytes: Span<UInt8>) throws(JSONFault) -> String {
        let start = position + 1
        position = bytes.firstJSONSpecial(from: start)
        guard position < bytes.count else { throw JSONFault(.unexpectedEnd, at: position) }
        switch bytes[position] {
        case UInt8(ascii: "\""):
            let text = try text(bytes, from: start)
            position += 1
            return text
        case UInt8(ascii: "\\"): return try stringWithEscapes(bytes, from: start)
        default: throw JSONFault(.controlCharacter, at: position)
        }
    }

    /// As ``string(_:)``, for a text that nobody wants.
    mutating func skipString(_ bytes: Span<UInt8>) throws(JSONFault) {
        let start = position + 1
        let end = bytes.firstJSONSpecial(from: start)
        // What is ASCII is UTF-8.
        guard end < bytes.count, bytes[end] == UInt8(ascii: "\""), !bytes.extracting(start..<end).holdsByte(above: 0x7F) else {
            _ = try string(bytes)
            return
        }
        position = end + 1
    }

    /// The text from `start` to the position, checked to be UTF-8.
    private func text(_ bytes: Span<UInt8>, from start: Int) throws(JSONFault) -> String {
        do throws(UTF8.ValidationError) {
            return String(copying: try UTF8Span(validating: bytes.extracting(start..<position)))
        } catch {
            throw JSONFault(.invalidUTF8, at: start + error.byteOffsets.lowerBound)
        }
    }

    /// The slow way: the position is at the first backslash of a string that began at `start`.
    private mutating func stringWithEscapes(_ bytes: Span<UInt8>, from start: Int) throws(JSONFault) -> String {
        var result = try text(bytes, from: start)
        var run = position
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                result += try text(bytes, from: run)
                position += 1
                return result
            case UInt8(ascii: "\\"):
                result += try text(bytes, from: run)
                result.unicodeScalars.append(try escape(bytes))
                run = position
            case 0..<0x20:
                throw JSONFault(.controlCharacter, at: position)
            default:
                position = bytes.firstJSONSpecial(from: position)
            }
        }
        throw JSONFault(.unexpectedEnd, at: position)
    }

    /// One escape. The position is at its backslash and ends after it.
    private mutating func escape(_ bytes: Span<UInt8>) throws(JSONFault) -> Unicode.Scalar {
        let start = position
        guard position + 1 < bytes.count else { throw JSONFault(.unexpectedEnd, at: bytes.count) }
        let kind = bytes[position + 1]
        position += 2
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(kind)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw JSONFault(.invalidEscape, at: start)
        }
        let first = try hexQuad(bytes, escapeAt: start)
        // A `Unicode.Scalar` can't hold a surrogate, so what isn't one is done here.
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u") else {
            throw JSONFault(.loneSurrogate, at: start)
        }
        let second = position
        position += 2
        let low = try hexQuad(bytes, escapeAt: second)
        guard 0xDC00...0xDFFF ~= low, let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (low - 0xDC00)) else {
            throw JSONFault(.loneSurrogate, at: start)
        }
        return scalar
    }

    /// Four hex digits of either case.
    private mutating func hexQuad(_ bytes: Span<UInt8>, escapeAt start: Int) throws(JSONFault) -> UInt32 {
        guard position + 4 <= bytes.count else { throw JSONFault(.unexpectedEnd, at: bytes.count) }
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = bytes[position].hexadecimalValue else { throw JSONFault(.invalidEscape, at: start) }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}
