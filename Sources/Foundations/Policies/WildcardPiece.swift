/// What stands between two stars of a pattern: text in which `?` stands for one character.
///
/// Texts are UTF-8, in which a character is one byte and those after it that begin with 10 (RFC 3629, section 3). A piece begins and ends where a
/// character of its pattern does, so bytes are compared, and only `?` needs to know where characters end.
struct WildcardPiece: Sendable, Hashable {
    /// Without stars.
    let items: [UInt8]

    init(_ items: some Sequence<UInt8>) {
        self.items = Array(items)
    }

    /// The piece, where it is one byte that stands for itself.
    var singleByte: UInt8? { items.count == 1 && items[0] != UInt8(ascii: "?") ? items[0] : nil }

    static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }

    /// Where the piece ends if the text begins with it.
    func end(atStartOf text: Span<UInt8>) -> Int? {
        let items = items.span
        var position = 0
        for index in items.indices {
            guard position < text.count else { return nil }
            if items[index] == UInt8(ascii: "?") {
                position += 1
                while position < text.count, Self.isContinuation(text[position]) { position += 1 }
            } else {
                guard items[index] == text[position] else { return nil }
                position += 1
            }
        }
        return position
    }

    /// Where the piece begins if the text ends with it.
    func start(atEndOf text: Span<UInt8>) -> Int? {
        let items = items.span
        var position = text.count
        for index in items.indices.reversed() {
            guard position > 0 else { return nil }
            position -= 1
            if items[index] == UInt8(ascii: "?") {
                while position > 0, Self.isContinuation(text[position]) { position -= 1 }
            } else {
                guard items[index] == text[position] else { return nil }
            }
        }
        return position
    }
}
