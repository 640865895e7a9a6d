/// A text in which `*` stands for any run of characters and `?` for one.
///
/// Patterns are a tenant's own, and so are the paths they are held against: nothing is tried twice, and what has to be searched for is by ``TextIndex``, whose work is
/// bounded.
struct Wildcard: Sendable, Hashable {
    private enum Form: Sendable, Hashable {
        case anything
        case exact([UInt8])
        /// The pattern without its last character, a lone `*`.
        case prefix([UInt8])
        /// No star.
        indirect case marked(WildcardPiece)
        /// What is before the first star, what is between stars, and what is behind the last.
        indirect case starred(head: WildcardPiece, middle: [WildcardPiece], tail: WildcardPiece)
    }

    private let form: Form

    init(_ text: some Collection<UInt8>) {
        var pieces = text.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false)
        let hasMarks = text.contains(UInt8(ascii: "?"))
        let head = pieces.removeFirst()
        guard let tail = pieces.popLast() else {
            form = hasMarks ? .marked(WildcardPiece(head)) : .exact(Array(head))
            return
        }
        // Several stars in a row are one.
        pieces.removeAll { $0.isEmpty }
        if pieces.isEmpty, tail.isEmpty, !hasMarks {
            form = head.isEmpty ? .anything : .prefix(Array(head))
        } else {
            form = .starred(head: WildcardPiece(head), middle: pieces.map { WildcardPiece($0) }, tail: WildcardPiece(tail))
        }
    }

    /// - Parameters:
    ///   - part: the part of the text that is to match.
    ///   - index: the text's, for all patterns that are held against it.
    func matches(_ text: Span<UInt8>, _ part: Range<Int>, _ index: inout TextIndex) -> Bool {
        let own = text.extracting(part)
        switch form {
        case .anything: return true
        case .exact(let pattern): return own.count == pattern.count && Self.begins(own, with: pattern)
        case .prefix(let pattern): return own.count >= pattern.count && Self.begins(own, with: pattern)
        case .marked(let piece): return piece.end(atStartOf: own) == own.count
        case .starred(let head, let middle, let tail):
            guard let start = head.end(atStartOf: own), let end = tail.start(atEndOf: own), start <= end else { return false }
            var rest = part.lowerBound + start..<part.lowerBound + end
            // The first place where a piece fits leaves the most to those behind it, so nothing is tried twice.
            for piece in middle {
                guard let next = index.firstEnd(of: piece, in: text, within: rest) else { return false }
                rest = next..<rest.upperBound
            }
            return true
        }
    }

    private static func begins(_ text: Span<UInt8>, with pattern: [UInt8]) -> Bool {
        let pattern = pattern.span
        for index in pattern.indices where pattern[index] != text[index] { return false }
        return true
    }
}
