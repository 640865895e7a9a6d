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

    /// A copy with room for `count` bytes more.
    init(extending other: AdditionalData, by count: Int) {
        bytes = []
        bytes.reserveCapacity(other.bytes.count + count)
        bytes.append(contentsOf: other.bytes)
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
        bytes.append(addingCapacity: 8) { (out: inout OutputSpan<UInt8>) in
            for index in UInt64(0)..<8 { out.append(UInt8(truncatingIfNeeded: number >> (56 - 8 * index))) }
        }
    }

    private mutating func add(length: Int) {
        add(UInt64(length))
    }
}
