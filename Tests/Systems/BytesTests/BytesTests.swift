import Bytes
import Testing

@Suite struct BytesTests {
    @Test func `A byte below the limit is found wherever it stands, and only one below`() {
        for length in 0..<40 {
            let high = [UInt8](repeating: 0xFF, count: length)
            #expect(!holds(high, below: 128))
            for place in 0..<length {
                for (value, limit) in [(UInt8(0), UInt8(1)), (0x20, 0x21), (0x7F, 0x80), (0x1F, 0x20)] {
                    var bytes = high
                    bytes[place] = value
                    #expect(holds(bytes, below: limit))
                    bytes[place] = limit
                    #expect(!holds(bytes, below: limit))
                }
            }
        }
    }

    @Test func `All pairs of neighbours are told apart`() {
        // A borrow must not pass from one byte to the next.
        for first in UInt8.min...UInt8.max {
            for second in stride(from: UInt8.min, through: 254, by: 1) {
                let bytes = [first, second, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]
                #expect(holds(bytes, below: 0x21) == (first < 0x21 || second < 0x21))
            }
        }
    }

    @Test func `Bytes are appended and compared`() {
        var bytes: [UInt8] = [1]
        let more: [UInt8] = [2, 3]
        bytes.appendBytes(of: more.span)
        bytes.appendBytes(of: more.span.extracting(0..<0))
        #expect(bytes == [1, 2, 3])
        for (other, same) in [([1, 2, 3], true), ([1, 2], false), ([1, 2, 4], false), ([], false)] as [([UInt8], Bool)] {
            let result = bytes.span.hasSameBytes(as: other.span)
            #expect(result == same)
        }
    }

    @Test func `What is looked for is found wherever it stands`() {
        for length in Array(0..<70) + [127, 150] {
            var bytes = [UInt8](repeating: UInt8(ascii: "x"), count: length)
            #expect(found(bytes, from: 0) == [length, length, length])
            #expect(!above(bytes, 0x7e))
            for place in 0..<length {
                for start in stride(from: 0, through: place, by: length < 70 ? 1 : 7) {
                    bytes[place] = UInt8(ascii: ";")
                    #expect(found(bytes, from: start) == [place, length, length])
                    bytes[place] = UInt8(ascii: "\\")
                    #expect(found(bytes, from: start) == [length, place, length])
                    bytes[place] = 0x1F
                    #expect(found(bytes, from: start) == [length, place, place])
                }
                bytes[place] = 0x7F
                #expect(above(bytes, 0x7e) && !above(bytes, 0x7f))
                #expect(found(bytes, from: place) == [length, length, place])
                #expect(found(bytes, from: place + 1) == [length, length, length])
                bytes[place] = UInt8(ascii: "x")
            }
        }
    }

    @Test func `Every byte is judged alike in a block of sixteen and after it`() {
        for byte in UInt8.min...UInt8.max {
            var bytes = [UInt8](repeating: UInt8(ascii: "x"), count: 17)
            bytes[3] = byte
            let inBlock = found(bytes, from: 0)
            let alone = found([byte], from: 0)
            for (first, second) in zip(inBlock, alone) { #expect((first == 3) == (second == 0)) }
            #expect((alone[1] == 0) == (byte < 0x20 || byte == 0x22 || byte == 0x5C))
            #expect((alone[2] == 0) == (byte < 0x20 && byte != 9 || byte == 0x7F))
        }
    }

    @Test func `Hexadecimal digits are those of the standard library`() {
        for value in [0, 9, 10, 0xABCD_EF01_2345_6789, .max, 0x0F0F_A0A0_9999_9F9F] as [UInt64] {
            let expected = String(repeating: "0", count: 16 - String(value, radix: 16).count) + String(value, radix: 16)
            for digits in 0...16 {
                var text: [UInt8] = [1]
                text.append(hexadecimal: value, digits: digits)
                #expect(text == [1] + Array(expected.utf8.suffix(digits)))
            }
        }
        for length in 0..<20 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 0x9F) }
            var text: [UInt8] = []
            text.append(hexadecimalOf: bytes.span)
            let expected = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            #expect(text == Array(expected.utf8))
        }
    }

    @Test func `Every byte that a name is not made of is found, in a block of sixteen and after it`() {
        let common = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-".utf8)
        for byte in UInt8.min...UInt8.max {
            for (length, place) in [(1, 0), (15, 14), (17, 3), (40, 31), (40, 39)] {
                var bytes = [UInt8](repeating: UInt8(ascii: "x"), count: length)
                bytes[place] = byte
                #expect(bytes.span.firstBeyondName(from: 0) == (common.contains(byte) ? length : place))
            }
        }
    }

    @Test func `Only letters compare without regard to case`() {
        // Each of these differs from a byte of its spelling in the bit that tells upper case from lower, or by one at the ends of the alphabet.
        let lengths: [StaticString] = ["a", "host", "expects", "-chunked", "content-length", "transfer-encoding", "az-{`}@[~0"]
        for lower in lengths {
            let spelled = Array(lower.description.utf8)
            func equals(_ bytes: [UInt8]) -> Bool { bytes.span.equals(lowercase: lower) }
            #expect(equals(spelled) && equals(Array(lower.description.uppercased().utf8)))
            #expect(!equals(spelled + [0x20]) && !equals(Array(spelled.dropLast())))
            for place in spelled.indices {
                for byte in UInt8.min...UInt8.max {
                    var bytes = spelled
                    bytes[place] = byte
                    let isLetter = 0x61...0x7A ~= spelled[place]
                    #expect(equals(bytes) == (byte == spelled[place] || isLetter && byte == spelled[place] & 0xDF))
                }
            }
        }
    }

    @Test func `Numbers are written with all their digits, and no fewer than asked for`() {
        for value in [0, 9, 10, 99, 100, 12_345, 999_999, .max] as [UInt64] {
            for width in [0, 1, 2, 6, 19, 20] {
                var text: [UInt8] = [1]
                text.append(addingCapacity: 24) { $0.append(decimal: value, width: width) }
                let digits = String(value)
                #expect(text == [1] + Array((String(repeating: "0", count: max(0, width - digits.count)) + digits).utf8))
            }
        }
    }

    @Test func `Lower-case digits are read, and nothing else is`() {
        let digits = "0123456789abcdef"
        for (place, byte) in (0..<8).flatMap({ place in (UInt8.min...UInt8.max).map { (place, $0) } }) {
            var bytes = Array("x0f9a1b2cx".utf8)
            bytes[1 + place] = byte
            let text = String(decoding: bytes[1..<9], as: UTF8.self)
            let expected = digits.utf8.contains(byte) ? UInt32(text, radix: 16) : nil
            #expect(bytes.span.hexadecimal(at: 1) == expected)
        }
        let apart = Array("12ab-ffff".utf8)
        #expect(apart.span.hexadecimal(at: 0, and: 5) == 0x12ab_ffff && apart.span.hexadecimal(at: 5, and: 0) == 0xffff_12ab)
    }

    private func found(_ bytes: [UInt8], from start: Int) -> [Int] {
        [bytes.span.firstIndex(of: UInt8(ascii: ";"), from: start), bytes.span.firstJSONSpecial(from: start), bytes.span.firstControl(from: start)]
    }

    private func above(_ bytes: [UInt8], _ limit: UInt8) -> Bool { bytes.span.holdsByte(above: limit) }

    private func holds(_ bytes: [UInt8], below limit: UInt8) -> Bool { bytes.span.holdsByte(below: limit) }
}
