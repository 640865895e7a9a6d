/// A text in which `*` stands for any run of characters and `?` for one. Matching takes at most pattern length × text length steps,
/// whatever the pattern: one place to return to is remembered, never a stack of them.
struct Wildcard: Sendable, Hashable {
    enum Form: Sendable, Hashable {
        case anything
        case exact
        /// The pattern without its last character, a lone `*`.
        case prefix
        case general
    }

    private let pattern: [UInt8]
    private let form: Form

    init(_ text: some Sequence<UInt8>) {
        var pattern: [UInt8] = []
        for byte in text where byte != UInt8(ascii: "*") || pattern.last != byte { pattern.append(byte) }
        let stars = pattern.count { $0 == UInt8(ascii: "*") }
        let marks = pattern.count { $0 == UInt8(ascii: "?") }
        if stars == 0, marks == 0 {
            form = .exact
        } else if stars == 1, marks == 0, pattern.last == UInt8(ascii: "*") {
            pattern.removeLast()
            form = pattern.isEmpty ? .anything : .prefix
        } else {
            form = .general
        }
        self.pattern = pattern
    }

    func matches(_ text: Span<UInt8>) -> Bool {
        switch form {
        case .anything: return true
        case .exact: return text.count == pattern.count && hasPrefix(text)
        case .prefix: return text.count >= pattern.count && hasPrefix(text)
        case .general: return matchesGenerally(text)
        }
    }

    private func hasPrefix(_ text: Span<UInt8>) -> Bool {
        let pattern = pattern.span
        for index in pattern.indices where pattern[index] != text[index] { return false }
        return true
    }

    private func matchesGenerally(_ text: Span<UInt8>) -> Bool {
        let pattern = pattern.span
        var at = 0
        var position = 0
        var star = -1
        var resume = 0
        while position < text.count {
            if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
                star = at
                resume = position
                at += 1
            } else if at < pattern.count, pattern[at] == UInt8(ascii: "?") {
                at += 1
                position += 1
                // A character of several bytes (RFC 3629: the others begin with 10) is still one.
                while position < text.count, text[position] & 0xC0 == 0x80 { position += 1 }
            } else if at < pattern.count, pattern[at] == text[position] {
                at += 1
                position += 1
            } else if star >= 0 {
                resume += 1
                position = resume
                at = star + 1
            } else {
                return false
            }
        }
        while at < pattern.count, pattern[at] == UInt8(ascii: "*") { at += 1 }
        return at == pattern.count
    }
}
