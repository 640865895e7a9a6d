internal import Bytes

/// A number as it is written, compared to its last digit: of two neighbours beyond 2^53, `Double` makes one.
struct DecimalNumber: Comparable, Sendable {
    private let isNegative: Bool
    /// Without zeros that say nothing: none before, and in the fraction none behind.
    private let whole: String
    private let fraction: String

    /// Digits, with a sign and a fraction perhaps; at most 32 characters.
    init?(_ text: String) {
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= 32, (1...2).contains(parts.count),
            parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(\.isDigit) })
        else { return nil }
        whole = String(parts[0].drop { $0 == "0" })
        fraction = parts.count == 2 ? String(parts[1].reversed().drop { $0 == "0" }.reversed()) : ""
        // There is one zero.
        isNegative = digits.startIndex > text.startIndex && !(whole.isEmpty && fraction.isEmpty)
    }

    init(_ count: Int) {
        isNegative = count < 0
        whole = count == 0 ? "" : String(count.magnitude)
        fraction = ""
    }

    static func < (left: DecimalNumber, right: DecimalNumber) -> Bool {
        switch (left.isNegative, right.isNegative) {
        case (false, false): isCloserToZero(left, right)
        case (true, true): isCloserToZero(right, left)
        case (let isNegative, _): isNegative
        }
    }

    private static func isCloserToZero(_ left: DecimalNumber, _ right: DecimalNumber) -> Bool {
        // Of as many digits before the point, numbers are in the order of their texts.
        (left.whole.utf8.count, left.whole, left.fraction) < (right.whole.utf8.count, right.whole, right.fraction)
    }
}
