extension Timestamp {
    /// Reads RFC 3339: `2026-04-24T10:00:00Z`, decimals (those past six are cut), `Z` or `±hh:mm`. Nil for anything else.
    public static func parse(iso8601 text: Span<UInt8>) -> Timestamp? {
        var reader = FieldReader()
        guard let year = reader.digits(4, of: text), reader.skip("-", of: text), let month = reader.digits(2, of: text),
            reader.skip("-", of: text), let day = reader.digits(2, of: text), reader.skip("T", of: text),
            let hour = reader.digits(2, of: text), reader.skip(":", of: text), let minute = reader.digits(2, of: text),
            reader.skip(":", of: text), let second = reader.digits(2, of: text)
        else { return nil }
        var fraction = 0
        if reader.skip(".", of: text) {
            var scale = 100_000
            guard let first = reader.digits(1, of: text) else { return nil }
            fraction = first * scale
            while let digit = reader.digits(1, of: text) {
                scale /= 10
                fraction += digit * scale
            }
        }
        var offset = 0
        if !reader.skip("Z", of: text) {
            let east = reader.skip("+", of: text)
            guard east || reader.skip("-", of: text), let hours = reader.digits(2, of: text), reader.skip(":", of: text),
                let minutes = reader.digits(2, of: text), hours < 24, minutes < 60
            else { return nil }
            offset = (hours * 60 + minutes) * (east ? 60 : -60)
        }
        guard reader.position == text.count, let whole = seconds(year, month, day, hour, minute, second) else { return nil }
        return Timestamp(seconds: Int64(whole - offset)).adding(microseconds: Int64(fraction))
    }

    public static func parse(iso8601 text: String) -> Timestamp? { parse(iso8601: text.utf8.span) }

    /// Reads `20261121T103000Z`. Nil for anything else.
    public static func parse(amzDate text: Span<UInt8>) -> Timestamp? {
        var reader = FieldReader()
        guard text.count == 16, let year = reader.digits(4, of: text), let month = reader.digits(2, of: text),
            let day = reader.digits(2, of: text), reader.skip("T", of: text), let hour = reader.digits(2, of: text),
            let minute = reader.digits(2, of: text), let second = reader.digits(2, of: text), reader.skip("Z", of: text),
            let whole = seconds(year, month, day, hour, minute, second)
        else { return nil }
        return Timestamp(seconds: Int64(whole))
    }

    public static func parse(amzDate text: String) -> Timestamp? { parse(amzDate: text.utf8.span) }

    /// Reads `Fri, 24 Apr 2026 10:00:00 GMT` (RFC 9110 §5.6.7, IMF-fixdate; the obsolete forms are refused). Nil for anything else.
    public static func parse(httpDate text: Span<UInt8>) -> Timestamp? {
        var reader = FieldReader()
        guard text.count == 29, let weekday = reader.word(of: weekdays, in: text), reader.skip(",", of: text),
            reader.skip(" ", of: text), let day = reader.digits(2, of: text), reader.skip(" ", of: text),
            let month = reader.word(of: months, in: text), reader.skip(" ", of: text), let year = reader.digits(4, of: text),
            reader.skip(" ", of: text), let hour = reader.digits(2, of: text), reader.skip(":", of: text),
            let minute = reader.digits(2, of: text), reader.skip(":", of: text), let second = reader.digits(2, of: text),
            reader.word(of: [" GMT"], in: text) != nil, let whole = seconds(year, month + 1, day, hour, minute, second),
            (CivilDate(year: year, month: month + 1, day: day).daysSince1970 + 4 + 7 * 200_000) % 7 == weekday
        else { return nil }
        return Timestamp(seconds: Int64(whole))
    }

    private static func seconds(_ year: Int, _ month: Int, _ day: Int, _ hour: Int, _ minute: Int, _ second: Int) -> Int? {
        let date = CivilDate(year: year, month: month, day: day)
        guard date.isValid, hour < 24, minute < 60, second < 60 else { return nil }
        return date.daysSince1970 * 86_400 + hour * 3600 + minute * 60 + second
    }
}

/// Reads fixed fields from the front of a text; a failed read leaves the position where it was.
private struct FieldReader {
    var position = 0

    mutating func digits(_ count: Int, of text: Span<UInt8>) -> Int? {
        guard position + count <= text.count, let value = Decimal.parse(text.extracting(position..<position + count)) else { return nil }
        position += count
        return value
    }

    mutating func skip(_ character: Unicode.Scalar, of text: Span<UInt8>) -> Bool {
        guard position < text.count, text[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func word(of words: [String], in text: Span<UInt8>) -> Int? {
        for (index, word) in words.enumerated() {
            let length = word.utf8.count
            if position + length <= text.count, text.extracting(position..<position + length).equals(word.utf8.span) {
                position += length
                return index
            }
        }
        return nil
    }
}
