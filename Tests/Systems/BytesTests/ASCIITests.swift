import Bytes
import Testing

struct ASCIITests {
    @Test(arguments: 0...UInt8.max) func `a byte is in the classes that its character is in`(_ byte: UInt8) {
        let character = Character(Unicode.Scalar(byte))
        #expect(byte.isDigit == "0123456789".contains(character))
        #expect(byte.isLetter == (character.isASCII && character.isLetter))
        #expect(byte.isAlphanumeric == (byte.isDigit || byte.isLetter))
        #expect(byte.isPrintable == (32...126).contains(byte))
        #expect(byte.isVisible == (byte.isPrintable && character != " "))
        #expect(byte.lowercased == (character.isASCII ? character.lowercased().utf8.first : byte))
        #expect(byte.hexadecimalValue.map(Int.init) == (character.isASCII ? character.hexDigitValue : nil))
    }

    @Test func `a digit is that of its value`() {
        #expect((0..<16).map { UInt8(upperHexadecimalDigitOf: $0) } == Array("0123456789ABCDEF".utf8))
    }
}
