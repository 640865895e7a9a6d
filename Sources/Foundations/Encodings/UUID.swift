public import Bytes

/// A UUID (RFC 9562), written and read in lower case only: one id has one spelling.
public struct UUID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let high: UInt64
    public let low: UInt64

    @inlinable
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A random UUID (§5.4); 122 bits of `random` are used.
    @inlinable
    public static func v4(random: (UInt64, UInt64)) -> UUID {
        UUID(high: random.0 & ~0xF000 | 0x4000, low: random.1 & ~(0b11 << 62) | 0b10 << 62)
    }

    /// A time-ordered UUID (§5.7): 48 bits of milliseconds, then the fraction of the millisecond (§6.2, method 3), then 62 random bits.
    public static func v7(at time: Timestamp, random: (UInt64, UInt64)) -> UUID {
        let microseconds = UInt64(max(0, time.microseconds))
        let milliseconds = microseconds / 1000
        // 1000 steps over 12 bits leave 2 bits below each step for chance.
        let fraction = (microseconds % 1000) << 2 | random.0 & 3
        return UUID(high: milliseconds << 16 | 0x7000 | fraction, low: random.1 & ~(0b11 << 62) | 0b10 << 62)
    }

    /// Reads the 36-character form; nil for anything else, upper-case digits included.
    public init?(_ text: Span<UInt8>) {
        let dash = UInt8(ascii: "-")
        guard text.count == 36, text[8] == dash, text[13] == dash, text[18] == dash, text[23] == dash,
            let first = text.hexadecimal(at: 0), let second = text.hexadecimal(at: 9, and: 14), let third = text.hexadecimal(at: 19, and: 24),
            let fourth = text.hexadecimal(at: 28)
        else { return nil }
        self.init(high: UInt64(first) << 32 | UInt64(second), low: UInt64(third) << 32 | UInt64(fourth))
    }

    public init?(_ text: String) {
        self.init(text.utf8.span)
    }

    /// From the 16 bytes of `bytes`; nil for another count.
    public init?(bytes: Span<UInt8>) {
        guard bytes.count == 16 else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        for index in 0..<8 { words = (words.0 << 8 | UInt64(bytes[index]), words.1 << 8 | UInt64(bytes[index + 8])) }
        self.init(high: words.0, low: words.1)
    }

    /// The 16 bytes, most significant first.
    public var bytes: [UInt8] {
        [UInt8](capacity: 16) { (out: inout OutputSpan<UInt8>) in
            for index in 0..<16 { out.append(byte(index)) }
        }
    }

    /// The milliseconds of a version 7 UUID; nil for other versions.
    public var time: Timestamp? {
        high >> 12 & 15 == 7 ? Timestamp(microseconds: Int64(high >> 16) * 1000) : nil
    }

    /// Appends the 36-character form.
    public func append(to output: inout [UInt8]) {
        output.append(addingCapacity: 36) { append(to: &$0) }
    }

    /// Appends the 36-character form, for which there must be room.
    @inlinable
    public func append(to output: inout OutputSpan<UInt8>) {
        output.append(groupedHexadecimal: high, low)
    }

    public var description: String {
        var text: [UInt8] = []
        append(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    @inlinable
    public static func < (left: UUID, right: UUID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    private func byte(_ index: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: index < 8 ? high >> UInt64(56 - 8 * index) : low >> UInt64(120 - 8 * index))
    }
}
