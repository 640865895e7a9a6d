/// Unsigned decimal numbers as protocols write them: digits only, no sign, no space.
public enum Decimal {
    /// The number, or nil if the text is empty, has anything but digits, or does not fit.
    @inlinable
    public static func parse(_ text: Span<UInt8>) -> Int? {
        guard text.count > 0, text.count <= 19 else { return nil }
        var value = 0
        for index in text.indices {
            let digit = text[index] &- UInt8(ascii: "0")
            guard digit <= 9 else { return nil }
            let (shifted, tooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = shifted.addingReportingOverflow(Int(digit))
            guard !tooLarge, !overflow else { return nil }
            value = sum
        }
        return value
    }

    public static func parse(_ text: String) -> Int? {
        parse(text.utf8.span)
    }
}
