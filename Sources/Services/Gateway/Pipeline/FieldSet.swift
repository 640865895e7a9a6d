/// Some of a head's fields, by number. Two words rather than a `UInt128`, whose alignment would have whatever holds it on the heap allocated the slow way.
struct FieldSet {
    static let capacity = 128

    private var low: UInt64 = 0
    private var high: UInt64 = 0

    var isEmpty: Bool { low | high == 0 }

    @inline(__always)
    func contains(_ index: Int) -> Bool { (index < 64 ? low >> UInt64(index) : high >> UInt64(index - 64)) & 1 == 1 }

    @inline(__always)
    mutating func insert(_ index: Int) {
        if index < 64 { low |= 1 << UInt64(index) } else { high |= 1 << UInt64(index - 64) }
    }

    mutating func remove(_ index: Int) {
        if index < 64 { low &= ~(1 << UInt64(index)) } else { high &= ~(1 << UInt64(index - 64)) }
    }

    mutating func formUnion(_ other: FieldSet) {
        low |= other.low
        high |= other.high
    }
}
