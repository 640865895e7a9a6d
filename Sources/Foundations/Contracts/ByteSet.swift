/// A set of ASCII bytes as two words, so that a grammar's character class costs a shift and a mask.
struct ByteSet: Sendable {
    private let low: UInt64
    private let high: UInt64

    init(_ members: StaticString) {
        var low: UInt64 = 0
        var high: UInt64 = 0
        for scalar in members.description.utf8 {
            if scalar < 64 {
                low |= 1 << UInt64(scalar)
            } else {
                high |= 1 << UInt64(scalar - 64)
            }
        }
        self.low = low
        self.high = high
    }

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        if byte < 64 { return low &>> UInt64(byte) & 1 == 1 }
        if byte < 128 { return high &>> UInt64(byte &- 64) & 1 == 1 }
        return false
    }
}
