/// A moment in UTC, in microseconds since 1970, of the years 0000 to 9999.
///
/// Values outside that range are clamped to its ends, so arithmetic on what a client sends (an `exp` of 10^300) can neither trap
/// nor wrap around. Leap seconds don't exist here, as in POSIX time.
public struct Timestamp: Hashable, Comparable, Sendable {
    public let microseconds: Int64

    @usableFromInline static let earliest: Int64 = -62_167_219_200_000_000
    @usableFromInline static let latest: Int64 = 253_402_300_799_999_999

    /// 1970-01-01T00:00:00Z.
    public static let epoch = Timestamp(microseconds: 0)

    @inlinable
    public init(microseconds: Int64) {
        self.microseconds = min(max(microseconds, Timestamp.earliest), Timestamp.latest)
    }

    @inlinable
    public init(milliseconds: Int64) {
        let (product, overflow) = milliseconds.multipliedReportingOverflow(by: 1000)
        self.init(microseconds: overflow ? (milliseconds < 0 ? .min : .max) : product)
    }

    @inlinable
    public init(seconds: Int64) {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        self.init(microseconds: overflow ? (seconds < 0 ? .min : .max) : product)
    }

    /// Whole seconds since 1970, rounded down.
    @inlinable public var seconds: Int64 { (microseconds - Timestamp.earliest) / 1_000_000 + Timestamp.earliest / 1_000_000 }

    /// Whole milliseconds since 1970, rounded down.
    @inlinable public var milliseconds: Int64 { (microseconds - Timestamp.earliest) / 1000 + Timestamp.earliest / 1000 }

    @inlinable
    public func adding(seconds: Int64) -> Timestamp {
        adding(microseconds: Timestamp.product(seconds, 1_000_000))
    }

    @inlinable
    public func adding(milliseconds: Int64) -> Timestamp {
        adding(microseconds: Timestamp.product(milliseconds, 1000))
    }

    @inlinable
    public func adding(microseconds more: Int64) -> Timestamp {
        let (sum, overflow) = microseconds.addingReportingOverflow(more)
        return Timestamp(microseconds: overflow ? (more < 0 ? .min : .max) : sum)
    }

    /// Microseconds from `earlier` to here; negative if `earlier` is later.
    @inlinable
    public func microseconds(since earlier: Timestamp) -> Int64 { microseconds - earlier.microseconds }

    @inlinable
    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }

    /// The product, or the end of `Int64` it would have passed.
    @usableFromInline
    static func product(_ value: Int64, _ unit: Int64) -> Int64 {
        let (product, overflow) = value.multipliedReportingOverflow(by: unit)
        return overflow ? (value < 0 ? .min : .max) : product
    }
}
