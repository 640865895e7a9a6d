internal import Bytes

/// The forms the cluster's protocols use, most with a variant that appends to a byte buffer.
extension Timestamp {
    /// `2026-04-24T10:00:00.123456Z` (RFC 3339, always six decimals).
    public func iso8601() -> String { Timestamp.text(appendISO8601) }

    /// `2026-04-24T10:00:00Z`, as AWS's XML protocols write it.
    public func iso8601Seconds() -> String { iso8601().prefix(19) + "Z" }

    public func appendISO8601(to output: inout [UInt8]) {
        output.append(addingCapacity: 27, initializingWith: appendISO8601)
    }

    /// Appends the 27 characters, for which there must be room.
    public func appendISO8601(to output: inout OutputSpan<UInt8>) {
        let (date, second) = civil
        output.append(twoDigits: date.year / 100)
        output.append(twoDigits: date.year % 100)
        output.append(UInt8(ascii: "-"))
        output.append(twoDigits: date.month)
        output.append(UInt8(ascii: "-"))
        output.append(twoDigits: date.day)
        output.append(UInt8(ascii: "T"))
        output.append(twoDigits: second / 3600)
        output.append(UInt8(ascii: ":"))
        output.append(twoDigits: second / 60 % 60)
        output.append(UInt8(ascii: ":"))
        output.append(twoDigits: second % 60)
        output.append(UInt8(ascii: "."))
        let fraction = Int(microseconds - seconds * 1_000_000)
        output.append(twoDigits: fraction / 10_000)
        output.append(twoDigits: fraction / 100 % 100)
        output.append(twoDigits: fraction % 100)
        output.append(UInt8(ascii: "Z"))
    }

    /// `20261121T103000Z`, SigV4's date and time.
    public func amzDate() -> String { Timestamp.text(appendAmzDate) }

    public func appendAmzDate(to output: inout [UInt8]) {
        appendDateStamp(to: &output)
        output.append(UInt8(ascii: "T"))
        Timestamp.appendClock(civil.second, separated: false, to: &output)
        output.append(UInt8(ascii: "Z"))
    }

    /// `20261121`, the date of SigV4's credential scope.
    public func dateStamp() -> String { Timestamp.text(appendDateStamp) }

    public func appendDateStamp(to output: inout [UInt8]) {
        let (date, _) = civil
        output.append(decimal: date.year, width: 4)
        output.append(decimal: date.month, width: 2)
        output.append(decimal: date.day, width: 2)
    }

    /// `Fri, 24 Apr 2026 10:00:00 GMT` (RFC 9110 §5.6.7, IMF-fixdate).
    public func httpDate() -> String { Timestamp.text(appendHTTPDate) }

    public func appendHTTPDate(to output: inout [UInt8]) {
        let (date, second) = civil
        let days = date.daysSince1970
        output.append(Timestamp.weekdays[((days + 4) % 7 + 7) % 7])
        output.append(", ")
        output.append(decimal: date.day, width: 2)
        output.append(UInt8(ascii: " "))
        output.append(Timestamp.months[date.month - 1])
        output.append(UInt8(ascii: " "))
        output.append(decimal: date.year, width: 4)
        output.append(UInt8(ascii: " "))
        Timestamp.appendClock(second, separated: true, to: &output)
        output.append(" GMT")
    }

    static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// The date, and the second of that day.
    private var civil: (date: CivilDate, second: Int) {
        let seconds = Int(seconds)
        let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        return (CivilDate(daysSince1970: days), seconds - days * 86_400)
    }

    private static func appendClock(_ second: Int, separated: Bool, to output: inout [UInt8]) {
        output.append(decimal: second / 3600, width: 2)
        if separated { output.append(UInt8(ascii: ":")) }
        output.append(decimal: second / 60 % 60, width: 2)
        if separated { output.append(UInt8(ascii: ":")) }
        output.append(decimal: second % 60, width: 2)
    }

    private static func text(_ append: (inout [UInt8]) -> Void) -> String {
        var output: [UInt8] = []
        append(&output)
        return String(decoding: output, as: UTF8.self)
    }
}

extension OutputSpan<UInt8> {
    fileprivate mutating func append(twoDigits value: Int) {
        append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / 10))
        append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10))
    }
}
