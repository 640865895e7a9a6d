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

    private func holds(_ bytes: [UInt8], below limit: UInt8) -> Bool { bytes.span.holdsByte(below: limit) }
}
