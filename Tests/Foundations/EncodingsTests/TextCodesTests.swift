import Encodings
import Testing

@Suite struct TextCodesTests {
    @Test func `Hex is lower case only`() {
        #expect(Hex.encode([0x00, 0xAB, 0xFF]) == "00abff")
        #expect(Hex.decode("00abff") == [0x00, 0xAB, 0xFF])
        for text in ["0", "0g", "AB", "a b", "é"] { #expect(Hex.decode(text) == nil) }
    }

    @Test func `Percent-encoding leaves only the unreserved characters`() {
        #expect(PercentEncoding.encode("AZaz09-._~") == "AZaz09-._~")
        #expect(PercentEncoding.encode("a b/é%+") == "a%20b%2F%C3%A9%25%2B")
        #expect(PercentEncoding.encode("a b/c", keepingSlash: true) == "a%20b/c")
    }

    @Test func `Percent-decoding reads both cases and refuses halves`() {
        #expect(PercentEncoding.decode("a%2f%2F+".utf8.span) == Array("a//+".utf8))
        #expect(PercentEncoding.decode("a+b".utf8.span, plusIsSpace: true) == Array("a b".utf8))
        for text in ["%", "%1", "a%", "%g0", "%0g", "%%41"] { #expect(PercentEncoding.decode(text.utf8.span) == nil) }
    }

    @Test func `Decimals are digits that fit`() {
        #expect(Decimal.parse("0") == 0)
        #expect(Decimal.parse("9223372036854775807") == Int.max)
        for text in ["", "-1", "+1", " 1", "9223372036854775808", "99999999999999999999", "1a"] { #expect(Decimal.parse(text) == nil) }
    }

    @Test func `Decimals are written with their sign and padding`() {
        var bytes: [UInt8] = []
        bytes.append(decimal: Int64.min)
        bytes.append(UInt8(ascii: " "))
        bytes.append(decimal: UInt64.max)
        bytes.append(UInt8(ascii: " "))
        bytes.append(decimal: 7, width: 3)
        #expect(String(decoding: bytes, as: UTF8.self) == "-9223372036854775808 18446744073709551615 007")
    }
}
