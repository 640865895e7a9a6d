internal import Bytes
import Encodings
import JSON

/// Reads the one JSON object of an identity header: flat, without white space, as `ClaimWriter` writes it.
///
/// Only ever sees bytes whose MAC has been checked; it is strict all the same, and a twentieth of the cost of building a tree.
struct ClaimReader {
    private var position = 0
    private var seen: UInt32 = 0
    private var expected = 0

    /// Steps past the opening brace or the comma and the next member's name; nil at the end of the object.
    mutating func next(_ bytes: Span<UInt8>) throws(TokenError) -> IdentityClaim? {
        if seen == 0 {
            try skip(UInt8(ascii: "{"), bytes)
        } else if peek(bytes) == UInt8(ascii: "}") {
            position += 1
            guard position == bytes.count, seen & IdentityClaim.required == IdentityClaim.required else { throw .malformed }
            return nil
        } else {
            try skip(UInt8(ascii: ","), bytes)
        }
        let name = try quoted(bytes)
        try skip(UInt8(ascii: ":"), bytes)
        let claim = try claim(bytes.extracting(name))
        guard seen & claim.bit == 0 else { throw .malformed }
        seen |= claim.bit
        expected = claim.rawValue + 1
        return claim
    }

    mutating func text(_ bytes: Span<UInt8>) throws(TokenError) -> String {
        let start = position
        let range = try quoted(bytes)
        if let plain = Self.plain(bytes.extracting(range)) { return plain }
        guard let text = (try? JSON.parse(bytes.extracting(start..<position)))?.string else { throw .malformed }
        return text
    }

    /// The bytes between the quotes, for values that have no escapes.
    mutating func quoted(_ bytes: Span<UInt8>) throws(TokenError) -> Range<Int> {
        try skip(UInt8(ascii: "\""), bytes)
        let start = position
        while true {
            position = bytes.firstJSONSpecial(from: position)
            guard position < bytes.count, bytes[position] != UInt8(ascii: "\"") else { break }
            position = min(position + (bytes[position] == UInt8(ascii: "\\") ? 2 : 1), bytes.count)
        }
        let range = start..<position
        try skip(UInt8(ascii: "\""), bytes)
        return range
    }

    mutating func seconds(_ bytes: Span<UInt8>) throws(TokenError) -> Timestamp {
        let start = position
        while position < bytes.count, bytes[position].isDigit, position - start < 12 { position += 1 }
        guard let value = Decimal.parse(bytes.extracting(start..<position)) else { throw .malformed }
        return Timestamp(seconds: Int64(value))
    }

    mutating func list(_ bytes: Span<UInt8>) throws(TokenError) -> [String] {
        try skip(UInt8(ascii: "["), bytes)
        var values: [String] = []
        while peek(bytes) != UInt8(ascii: "]") {
            if !values.isEmpty { try skip(UInt8(ascii: ","), bytes) }
            values.append(try text(bytes))
        }
        position += 1
        return values
    }

    mutating func map(_ bytes: Span<UInt8>) throws(TokenError) -> [String: String] {
        try skip(UInt8(ascii: "{"), bytes)
        var values: [String: String] = [:]
        while peek(bytes) != UInt8(ascii: "}") {
            if !values.isEmpty { try skip(UInt8(ascii: ","), bytes) }
            let name = try text(bytes)
            try skip(UInt8(ascii: ":"), bytes)
            guard values.updateValue(try text(bytes), forKey: name) == nil else { throw .malformed }
        }
        position += 1
        return values
    }

    private func peek(_ bytes: Span<UInt8>) -> UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    private mutating func skip(_ byte: UInt8, _ bytes: Span<UInt8>) throws(TokenError) {
        guard peek(bytes) == byte else { throw .malformed }
        position += 1
    }

    /// Claims come in their order, so the first comparison is nearly always the last.
    private func claim(_ name: Span<UInt8>) throws(TokenError) -> IdentityClaim {
        let count = IdentityClaim.spellings.count
        for offset in 0..<count {
            let index = (expected + offset) % count
            let spelling = IdentityClaim.spellings[index]
            if name.equals(spelling.span), let claim = IdentityClaim(rawValue: index) { return claim }
        }
        throw .malformed
    }

    private static func plain(_ bytes: Span<UInt8>) -> String? {
        guard bytes.firstJSONSpecial() == bytes.count else { return nil }
        do {
            return String(copying: try UTF8Span(validating: bytes))
        } catch {
            return nil
        }
    }
}
