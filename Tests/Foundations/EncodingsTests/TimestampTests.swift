import Encodings
import Testing

@Suite struct TimestampTests {
    static let moment = Timestamp(microseconds: 1_777_024_800_123_456)

    @Test func `A moment has its three forms`() {
        #expect(Self.moment.iso8601() == "2026-04-24T10:00:00.123456Z")
        #expect(Self.moment.amzDate() == "20260424T100000Z")
        #expect(Self.moment.dateStamp() == "20260424")
        #expect(Self.moment.httpDate() == "Fri, 24 Apr 2026 10:00:00 GMT")
    }

    @Test func `The forms are read back`() {
        let whole = Timestamp(seconds: Self.moment.seconds)
        #expect(Timestamp.parse(iso8601: "2026-04-24T10:00:00.123456Z") == Self.moment)
        #expect(Timestamp.parse(amzDate: "20260424T100000Z") == whole)
        #expect(Timestamp.parse(httpDate: "Fri, 24 Apr 2026 10:00:00 GMT".utf8.span) == whole)
    }

    @Test func `Decimals and offsets of RFC 3339 are read`() {
        let whole = Timestamp(seconds: Self.moment.seconds)
        #expect(Timestamp.parse(iso8601: "2026-04-24T10:00:00Z") == whole)
        #expect(Timestamp.parse(iso8601: "2026-04-24T12:30:00+02:30") == whole)
        #expect(Timestamp.parse(iso8601: "2026-04-24T02:00:00.5-08:00") == whole.adding(milliseconds: 500))
        #expect(Timestamp.parse(iso8601: "2026-04-24T10:00:00.123456789Z") == Self.moment)
        #expect(Timestamp.parse(iso8601: "2026-04-24T10:00:00.1234567890123456789012Z") == Self.moment)
    }

    @Test(arguments: [
        "", "2026-04-24", "2026-04-24T10:00:00", "2026-04-24 10:00:00Z", "2026-02-29T10:00:00Z", "2026-13-01T10:00:00Z", "2026-04-24T24:00:00Z",
        "2026-04-24T10:00:60Z", "2026-04-24T10:00:00.Z", "2026-04-24T10:00:00z", "2026-04-24T10:00:00Z ",
        "2026-04-24T10:00:00+24:00", "+026-04-24T10:00:00Z",
    ])
    func `What isn't RFC 3339 is refused`(_ text: String) {
        #expect(Timestamp.parse(iso8601: text) == nil)
    }

    @Test(arguments: [
        "20260424T100000", "20260424100000Z", "20260431T100000Z", "20260424T250000Z", "2026-04-24T10:00:00Z", "20260424T100000Z ", "٢0260424T10000Z",
    ])
    func `What isn't SigV4's date is refused`(_ text: String) {
        #expect(Timestamp.parse(amzDate: text) == nil)
    }

    @Test(arguments: ["Sat, 24 Apr 2026 10:00:00 GMT", "Fri, 24 Apr 2026 10:00:00 UTC", "Friday, 24-Apr-26 10:00:00 GMT", "Fri Apr 24 10:00:00 2026"])
    func `What isn't an HTTP date is refused`(_ text: String) {
        #expect(Timestamp.parse(httpDate: text.utf8.span) == nil)
    }

    @Test func `The calendar is right at its turns`() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00.000000Z"), (-1, "1969-12-31T23:59:59.000000Z"), (951_782_400, "2000-02-29T00:00:00.000000Z"),
            (4_107_542_399, "2100-02-28T23:59:59.000000Z"), (4_107_542_400, "2100-03-01T00:00:00.000000Z"),
            (-62_167_219_200, "0000-01-01T00:00:00.000000Z"), (253_402_300_799, "9999-12-31T23:59:59.000000Z"),
        ] {
            #expect(Timestamp(seconds: Int64(seconds)).iso8601() == text)
            #expect(Timestamp.parse(iso8601: text) == Timestamp(seconds: Int64(seconds)))
        }
    }

    @Test func `Arithmetic on hostile values is clamped`() {
        #expect(Timestamp(seconds: .max).iso8601() == "9999-12-31T23:59:59.999999Z")
        #expect(Timestamp(seconds: .min).iso8601() == "0000-01-01T00:00:00.000000Z")
        #expect(Timestamp(milliseconds: .max) == Timestamp(microseconds: .max))
        #expect(Timestamp(seconds: .max).adding(seconds: .max) == Timestamp(seconds: .max))
        #expect(Timestamp(seconds: .min).adding(milliseconds: .min) == Timestamp(seconds: .min))
    }

    @Test func `Whole seconds round down on both sides of 1970`() {
        #expect(Timestamp(microseconds: -1).seconds == -1)
        #expect(Timestamp(microseconds: -1).milliseconds == -1)
        #expect(Timestamp(microseconds: 1_999_999).seconds == 1)
        #expect(Timestamp(microseconds: -1).iso8601() == "1969-12-31T23:59:59.999999Z")
    }
}
