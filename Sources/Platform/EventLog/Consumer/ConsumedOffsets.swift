internal import Kafka

/// Which offsets may be committed: those behind batches that are done with, as far as every batch before them is, too.
struct ConsumedOffsets {
    private struct Entry {
        let next: [Place: Int64]
        var isDone = false
    }

    struct Place: Hashable {
        let topic: String
        let partition: Int32
    }

    private var entries: [Entry] = []
    private var first = 0

    var pending: Int { entries.count }

    /// Returns the batch's number for ``finish(_:)``.
    mutating func begin(_ next: [Place: Int64]) -> Int {
        entries.append(Entry(next: next))
        return first + entries.count - 1
    }

    /// Returns what may be committed now; empty if an earlier batch is not done with.
    mutating func finish(_ number: Int) -> [TopicOffset] {
        entries[number - first].isDone = true
        var offsets: [Place: Int64] = [:]
        while let entry = entries.first, entry.isDone {
            offsets.merge(entry.next) { $1 }
            entries.removeFirst()
            first += 1
        }
        return offsets.map { TopicOffset(topic: $0.key.topic, partition: $0.key.partition, offset: $0.value) }
    }
}

extension RecordBatch {
    /// The next offset of each partition in the batch.
    var nextOffsets: [ConsumedOffsets.Place: Int64] {
        var offsets: [ConsumedOffsets.Place: Int64] = [:]
        var place: ConsumedOffsets.Place?
        for i in 0..<count {
            // Messages of one partition lie together.
            if i + 1 < count, partition(i + 1) == partition(i), offset(i + 1) == offset(i) + 1 { continue }
            place = ConsumedOffsets.Place(topic: topic(i), partition: partition(i))
            if let place { offsets[place] = max(offsets[place] ?? 0, offset(i) + 1) }
        }
        return offsets
    }
}
