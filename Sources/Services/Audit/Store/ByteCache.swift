internal import Encodings

/// A small cache of values by bytes that lie somewhere in an event: a hit costs a hash and a comparison, and no allocation.
///
/// Each key has one place; a key that comes later takes it.
struct ByteCache<Value> {
    private struct Entry {
        let key: [UInt8]
        let value: Value
    }

    private var entries: [Entry?]

    /// - Parameter places: a power of two.
    init(places: Int) {
        precondition(places > 0 && places & (places - 1) == 0, "a power of two")
        entries = Array(repeating: nil, count: places)
    }

    func value(for key: Span<UInt8>) -> Value? {
        guard let entry = entries[place(of: key)] else { return nil }
        let known = entry.key
        return key.equals(known.span) ? entry.value : nil
    }

    mutating func insert(_ value: Value, for key: [UInt8]) {
        entries[place(of: key.span)] = Entry(key: key, value: value)
    }

    mutating func removeAll() {
        entries = Array(repeating: nil, count: entries.count)
    }

    /// FNV-1a. Whoever makes keys collide makes them slower, not wrong.
    private func place(of key: Span<UInt8>) -> Int {
        var hash: UInt64 = 14_695_981_039_346_656_037
        for index in key.indices { hash = (hash ^ UInt64(key[index])) &* 1_099_511_628_211 }
        return Int(truncatingIfNeeded: hash ^ hash >> 32) & (entries.count - 1)
    }
}
