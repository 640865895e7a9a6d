internal import Bytes

/// What the fields of a message say about its framing and its connection, judged as they are read.
struct FramingFacts: Sendable {
    private(set) var contentLength: Int?
    private(set) var isChunked = false
    private(set) var hostCount = 0
    private(set) var closes = false
    private(set) var keepsAlive = false
    private(set) var expectsContinue = false
    /// A field that has no business in a trailer section was seen.
    private(set) var hasFramingField = false

    /// - Parameter isPadded: whether white space stood between the value and the line's end.
    mutating func note(name: Span<UInt8>, value: Span<UInt8>, isPadded: Bool) throws(ParseError) {
        // Most fields are none of these, and most of those show it in their length.
        switch name.count {
        case 4 where Grammar.equals(name, "host"):
            hasFramingField = true
            hostCount += 1
            guard hostCount == 1, Self.isHost(value) else { throw .host }
        case 6 where Grammar.equals(name, "expect"):
            hasFramingField = true
            guard Grammar.equals(value, "100-continue") else { throw .expectation }
            expectsContinue = true
        case 10 where Grammar.equals(name, "connection"):
            hasFramingField = true
            noteConnection(value)
        case 14 where Grammar.equals(name, "content-length"):
            hasFramingField = true
            guard contentLength == nil, let length = Self.length(value) else { throw .contentLength }
            contentLength = length
        case 17 where Grammar.equals(name, "transfer-encoding"):
            hasFramingField = true
            // llhttp reads `chunked` and a tab as some other coding: a field that parsers read differently is refused.
            guard !isChunked, !isPadded, Grammar.equals(value, "chunked") else { throw .transferEncoding }
            isChunked = true
        case 7 where Grammar.equals(name, "trailer"), 2 where Grammar.equals(name, "te"), 13 where Grammar.equals(name, "authorization"):
            hasFramingField = true
        default: break
        }
    }

    /// `1*DIGIT`, and few enough of them that no addition overflows (RFC 9110 §8.6).
    private static func length(_ value: Span<UInt8>) -> Int? {
        guard value.count > 0, value.count <= 18 else { return nil }
        var length = 0
        for index in value.indices {
            let digit = value[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            length = length * 10 + Int(digit)
        }
        return length
    }

    /// `uri-host [ ":" port ]` by its characters (RFC 9112 §3.2, RFC 3986 §3.2.2): no user info, no path, no list.
    /// Empty is allowed: a target without an authority has an empty Host.
    private static func isHost(_ value: Span<UInt8>) -> Bool {
        for index in value.indices {
            switch value[index] {
            case let byte where byte.isAlphanumeric: continue
            case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: ":"): continue
            case UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "%"): continue
            default: return false
            }
        }
        return true
    }

    /// `#connection-option` (RFC 9110 §7.6.1). Unknown options are names of hop-by-hop fields: the proxy's business.
    private mutating func noteConnection(_ value: Span<UInt8>) {
        Grammar.forEachElement(of: value) { option in
            if Grammar.equals(option, "close") { closes = true }
            if Grammar.equals(option, "keep-alive") { keepsAlive = true }
        }
    }

    /// RFC 9112 §9.3.
    func persists(isVersion10: Bool) -> Bool { !closes && (!isVersion10 || keepsAlive) }
}
