internal import Contracts

/// Which stream and pass a producer's tags belong to. One tag serves all events of a pass, so this stays small.
struct InFlight {
    private struct Key: Hashable {
        let stream: StreamID
        let pass: UInt64
    }

    private struct Slot {
        let key: Key
        var pending = 0
    }

    private var tags: [Key: UInt64] = [:]
    private var slots: [UInt64: Slot] = [:]
    private var nextTag: UInt64 = 1

    /// `count` events are handed to the producer under the tag that this returns.
    mutating func add(_ stream: StreamID, pass: UInt64, count: Int) -> UInt64 {
        let key = Key(stream: stream, pass: pass)
        let tag: UInt64
        if let known = tags[key] {
            tag = known
        } else {
            tag = nextTag
            nextTag += 1
            tags[key] = tag
            slots[tag] = Slot(key: key)
        }
        slots[tag]?.pending += count
        return tag
    }

    /// `count` events of that tag are done with.
    mutating func remove(_ tag: UInt64, count: Int) -> (stream: StreamID, pass: UInt64)? {
        guard var slot = slots[tag] else { return nil }
        slot.pending -= count
        slots[tag] = slot.pending == 0 ? nil : slot
        if slot.pending == 0 { tags[slot.key] = nil }
        return (slot.key.stream, slot.key.pass)
    }

    mutating func removeAll() {
        tags = [:]
        slots = [:]
    }
}
