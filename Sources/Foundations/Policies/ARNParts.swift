/// Where the six parts of an ARN lie: `arn:partition:service:region:account:resource`. The resource may hold colons itself.
struct ARNParts {
    private let colons: InlineArray<5, Int>
    private let end: Int

    /// Nil if there are fewer than five colons.
    init?(_ text: Span<UInt8>) {
        var colons = InlineArray<5, Int>(repeating: 0)
        var found = 0
        for index in text.indices where text[index] == UInt8(ascii: ":") {
            colons[found] = index
            found += 1
            if found == 5 { break }
        }
        guard found == 5 else { return nil }
        self.colons = colons
        end = text.count
    }

    subscript(part: Int) -> Range<Int> {
        (part == 0 ? 0 : colons[part - 1] + 1)..<(part == 5 ? end : colons[part])
    }
}
