/// Where each byte stands in a text, a bit for each place: made once for all patterns that are held against the text, and only if one has to be searched for.
///
/// A piece is looked for at all places at once (Shift-And, Baeza-Yates and Gonnet, with the roles of pattern and text exchanged): each of its bytes costs a word for
/// each 64 bytes of the text. So all patterns of a policy together cost as much as they are long, however many they are and whatever they and the text say.
struct TextIndex {
    private static let searchesWithout = 8
    private var searches = 0
    private var words = 0
    /// For each byte, the places where it stands.
    private var places: [UInt64] = []
    /// Where characters begin, and where their further bytes stand.
    private var beginnings: [UInt64] = []
    private var continuations: [UInt64] = []
    private var hasContinuations = false
    /// Where what has been found so far may end.
    private var ends: [UInt64] = []
    /// Words that were looked at.
    private(set) var work = 0

    /// Where the first occurrence of a piece ends that lies within a part of the text.
    /// - Parameter text: always the same for one index.
    mutating func firstEnd(of piece: WildcardPiece, in text: Span<UInt8>, within part: Range<Int>) -> Int? {
        if words == 0 {
            // As in most policies, a few slashes: not worth an index.
            if let byte = piece.singleByte, searches < Self.searchesWithout {
                searches += 1
                for place in part where text[place] == byte { return place + 1 }
                return nil
            }
            read(text)
        }
        let (first, last) = (part.lowerBound / 64, part.upperBound / 64)
        for word in first...last { ends[word] = .max }
        // Below, bits only move up, so none beyond the part's end comes back.
        ends[first] &= .max << UInt64(part.lowerBound % 64)
        for index in piece.items.indices {
            let item = piece.items[index]
            work += last - first + 1
            let isAlive = item == UInt8(ascii: "?") ? passCharacter(first, last) : pass(Int(item) * words, first, last)
            guard isAlive else { return nil }
        }
        for word in first...last where ends[word] != 0 {
            let end = word * 64 + ends[word].trailingZeroBitCount
            return end <= part.upperBound ? end : nil
        }
        return nil
    }

    private mutating func read(_ text: Span<UInt8>) {
        // One place more, for what ends with the text.
        words = text.count / 64 + 1
        places = [UInt64](repeating: 0, count: 256 * words)
        beginnings = [UInt64](repeating: 0, count: words)
        continuations = beginnings
        ends = beginnings
        for place in text.indices {
            let (word, bit) = (place / 64, UInt64(1) << UInt64(place % 64))
            places[Int(text[place]) * words + word] |= bit
            if WildcardPiece.isContinuation(text[place]) {
                continuations[word] |= bit
                hasContinuations = true
            } else {
                beginnings[word] |= bit
            }
        }
    }

    /// The next byte is the one whose places begin at `row`.
    /// - Returns: whether that is so anywhere.
    private mutating func pass(_ row: Int, _ first: Int, _ last: Int) -> Bool {
        var (carry, all): (UInt64, UInt64) = (0, 0)
        for word in first...last {
            let fitting = ends[word] & places[row + word]
            ends[word] = fitting << 1 | carry
            carry = fitting >> 63
            all |= fitting
        }
        return all != 0
    }

    /// The next character is any.
    private mutating func passCharacter(_ first: Int, _ last: Int) -> Bool {
        var (carry, all): (UInt64, UInt64) = (0, 0)
        for word in first...last {
            let fitting = ends[word] & beginnings[word]
            ends[word] = fitting << 1 | carry
            carry = fitting >> 63
            all |= fitting
        }
        // No character has more than three further bytes.
        for _ in 0..<(hasContinuations ? 3 : 0) {
            work += last - first + 1
            carry = 0
            for word in first...last {
                let further = ends[word] & continuations[word]
                ends[word] = ends[word] & ~continuations[word] | further << 1 | carry
                carry = further >> 63
            }
        }
        return all != 0
    }
}
