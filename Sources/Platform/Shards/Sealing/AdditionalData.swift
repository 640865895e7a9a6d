internal import Encodings

/// The additional data of a seal: a purpose and then every part with its length before it, so that no two different lists of
/// parts give the same bytes.
struct AdditionalData {
    private(set) var bytes: [UInt8]

    init(_ purpose: StaticString) {
        bytes = []
        bytes.reserveCapacity(160)
        add(purpose.description)
    }

    mutating func add(_ text: String) {
        add(length: text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }

    mutating func add(_ part: [UInt8]) {
        add(length: part.count)
        bytes.append(contentsOf: part)
    }

    mutating func add(_ id: UUID) {
        add(id.high)
        add(id.low)
    }

    mutating func add(_ number: UInt64) {
        for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(shift))) }
    }

    private mutating func add(length: Int) {
        add(UInt64(length))
    }
}
