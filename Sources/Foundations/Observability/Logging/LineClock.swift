internal import Bytes
internal import Encodings

/// The time of a line, of which all but the fraction is spelled anew once a second only.
struct LineClock {
    private var second: Int64 = .min
    /// Up to the decimal point, and with it.
    private var spelled: [UInt8] = []

    static let room = 27

    /// Appends `2026-04-24T10:00:00.123456Z`, for which there must be room.
    mutating func append(_ time: Timestamp, to output: inout OutputSpan<UInt8>) {
        if time.seconds != second {
            second = time.seconds
            spelled.removeAll(keepingCapacity: true)
            time.appendISO8601(to: &spelled)
            spelled.removeLast(7)
        }
        output.append(copying: spelled.span)
        output.append(decimal: UInt64(time.microseconds - second * 1_000_000), width: 6)
        output.append(UInt8(ascii: "Z"))
    }
}
