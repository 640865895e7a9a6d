/// The value of `If-Match` or `If-None-Match`: `*`, or a list of entity tags (RFC 9110 §8.8.3, §5.6.1), of which those are kept that can be a note's. The tag of
/// version 3 is `"3"`.
enum EntityTags: Equatable, Sendable {
    case any
    case list([Tag])

    struct Tag: Equatable, Sendable {
        let version: UInt64
        let isWeak: Bool
    }

    static func tag(_ version: UInt64) -> String { "\"\(version)\"" }

    /// Nil where the lines are no such value.
    /// - Parameter lines: the values of all lines of the field, which are one list.
    init?(_ lines: [[UInt8]]) {
        if lines == [[UInt8(ascii: "*")]] {
            self = .any
            return
        }
        var reader = TagReader()
        for line in lines { guard reader.read(line.span) else { return nil } }
        guard reader.count > 0 else { return nil }
        self = .list(reader.tags)
    }

    /// Strong comparison (§8.8.3.2): a weak tag never matches.
    func matchStrongly(_ version: UInt64) -> Bool { match(version) { !$0.isWeak } }

    /// Weak comparison.
    func matchWeakly(_ version: UInt64) -> Bool { match(version) { _ in true } }

    private func match(_ version: UInt64, where counts: (Tag) -> Bool) -> Bool {
        switch self {
        case .any: true
        case .list(let tags): tags.contains { $0.version == version && counts($0) }
        }
    }
}

private struct TagReader {
    var tags: [EntityTags.Tag] = []
    /// Those of others, too.
    var count = 0

    /// - Returns: false if the line is no list of tags. It may have empty elements.
    mutating func read(_ line: Span<UInt8>) -> Bool {
        var position = 0
        var isAfterTag = false
        while position < line.count {
            switch line[position] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"): position += 1
            case UInt8(ascii: ","):
                isAfterTag = false
                position += 1
            default:
                guard !isAfterTag, let end = tag(line, from: position) else { return false }
                isAfterTag = true
                position = end
            }
        }
        return true
    }

    /// - Returns: where the tag ends; nil if none begins at `start`.
    private mutating func tag(_ line: Span<UInt8>, from start: Int) -> Int? {
        var position = start
        var isWeak = false
        if position + 1 < line.count, line[position] == UInt8(ascii: "W"), line[position + 1] == UInt8(ascii: "/") {
            isWeak = true
            position += 2
        }
        guard position < line.count, line[position] == UInt8(ascii: "\"") else { return nil }
        let first = position + 1
        position = first
        while position < line.count, line[position] != UInt8(ascii: "\"") {
            // `etagc`: anything but white space, controls and quotation marks.
            guard line[position] > 0x20, line[position] != 0x7F else { return nil }
            position += 1
        }
        guard position < line.count else { return nil }
        count += 1
        if let version = Self.version(line.extracting(first..<position)) { tags.append(EntityTags.Tag(version: version, isWeak: isWeak)) }
        return position + 1
    }

    /// As ``EntityTags/tag(_:)`` writes it: no other spelling is the same tag. Nineteen digits always fit.
    private static func version(_ text: Span<UInt8>) -> UInt64? {
        guard 1...19 ~= text.count, text[0] != UInt8(ascii: "0") else { return nil }
        var value: UInt64 = 0
        for index in text.indices {
            let digit = text[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            value = value * 10 + UInt64(digit)
        }
        return value
    }
}
