import Crypto

/// A table of fixed size under uniformly distributed keys: sets of eight, in which the entry worth least, or longest untouched, gives way.
struct BoundedTable<Value> {
    private struct Entry {
        let key: SHA256Digest
        var value: Value
        var touchedAt: Int64
    }

    private static var ways: Int { 8 }
    private var sets: [[Entry]]

    /// - Parameter capacity: entries, rounded up to a multiple of eight.
    init(capacity: Int) {
        sets = Array(repeating: [], count: max(1, (capacity + Self.ways - 1) / Self.ways))
    }

    subscript(key: SHA256Digest) -> Value? {
        sets[set(of: key)].first { $0.key == key }?.value
    }

    /// - Parameter worth: what it would mean to forget a value; read only where one has to go.
    mutating func set(_ value: Value, at key: SHA256Digest, time: Int64, worth: (Value) -> Int = { _ in 0 }) {
        let set = set(of: key)
        let entry = Entry(key: key, value: value, touchedAt: time)
        if let index = sets[set].firstIndex(where: { $0.key == key }) {
            sets[set][index] = entry
        } else if sets[set].count < Self.ways {
            sets[set].append(entry)
        } else if let least = sets[set].indices.min(by: { rank(sets[set][$0], worth) < rank(sets[set][$1], worth) }) {
            sets[set][least] = entry
        }
    }

    private func rank(_ entry: Entry, _ worth: (Value) -> Int) -> (Int, Int64) { (worth(entry.value), entry.touchedAt) }

    private func set(of key: SHA256Digest) -> Int {
        // The first eight bytes of a keyed hash choose the set.
        Int(key.word % UInt64(sets.count))
    }
}
