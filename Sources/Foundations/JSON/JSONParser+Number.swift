extension JSONParser {
    /// RFC 8259 §6: `number = [ "-" ] int [ frac ] [ exp ]`. The position is at its first byte.
    mutating func number(_ bytes: Span<UInt8>) throws(JSONFault) -> JSONNumber {
        let start = position
        let negative = bytes[position] == UInt8(ascii: "-")
        if negative { position += 1 }
        let first = position
        var value: Int64 = 0
        var fits = true
        while position < bytes.count, let digit = JSONParser.digit(bytes[position]) {
            // Counted downwards, since the smallest integer has no positive counterpart.
            let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
            let (next, overflow) = product.subtractingReportingOverflow(Int64(digit))
            fits = fits && !tooLarge && !overflow
            value = fits ? next : 0
            position += 1
        }
        guard position > first, position - first == 1 || bytes[first] != UInt8(ascii: "0") else {
            throw JSONFault(position < bytes.count || position > first ? .invalidNumber : .unexpectedEnd, at: position > first ? first : position)
        }
        var integer = true
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            integer = false
            position += 1
            try digits(bytes)
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            integer = false
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") { position += 1 }
            try digits(bytes)
        }
        if integer, fits, negative || value != .min {
            return JSONNumber(negative ? value : -value)
        }
        guard position - start <= 256 else { throw JSONFault(.numberTooLong, at: start) }
        var text = ""
        for index in start..<position { text.unicodeScalars.append(Unicode.Scalar(bytes[index])) }
        return JSONNumber(.text(text))
    }

    /// At least one digit.
    private mutating func digits(_ bytes: Span<UInt8>) throws(JSONFault) {
        guard position < bytes.count else { throw JSONFault(.unexpectedEnd, at: position) }
        guard JSONParser.digit(bytes[position]) != nil else { throw JSONFault(.invalidNumber, at: position) }
        while position < bytes.count, JSONParser.digit(bytes[position]) != nil { position += 1 }
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        let value = byte &- UInt8(ascii: "0")
        return value <= 9 ? value : nil
    }
}
