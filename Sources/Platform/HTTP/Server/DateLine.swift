internal import Bytes
internal import Encodings
internal import Transport

/// The `Date` field line, made anew once a second.
struct DateLine {
    private var second: Int64 = .min
    private var line: [UInt8] = []

    /// What the line takes.
    static let room = 37

    /// Appends the line, for which there must be room.
    mutating func append(to output: inout OutputSpan<UInt8>) {
        refresh()
        output.append(copying: line.span)
    }

    /// Lends the value alone.
    mutating func withValue<R>(_ body: (Span<UInt8>) -> R) -> R {
        refresh()
        return body(line.span.extracting(6..<line.count - 2))
    }

    private mutating func refresh() {
        let now = EventLoop.wallClockSeconds
        if now != second {
            second = now
            line.removeAll(keepingCapacity: true)
            line.append("Date: ")
            Timestamp(seconds: now).appendHTTPDate(to: &line)
            line.append("\r\n")
        }
    }
}
