import Contracts
import Crypto
import Encodings
import EventLog

/// A shard's file: what is on disk survives a crash, and may be set back to a backup.
struct SimulatedShard {
    struct Disk {
        var machine: SourceMachine
        var rows: [SimulatedMessage] = []
        /// The position of the first row.
        var first: UInt64 = 1

        func row(_ position: UInt64) -> SimulatedMessage { rows[Int(position - first)] }

        mutating func dropTrimmed() {
            let gone = min(Int(machine.trimmed + 1 - min(first, machine.trimmed + 1)), rows.count)
            rows.removeFirst(gone)
            first += UInt64(gone)
        }
    }

    let tenant: String
    let number: UInt32
    var disk: Disk
    var backups: [Disk] = []
    /// What the witness outside of the file says; nil where there is none.
    var witness: OutboxWitness.Word?
    /// What it said when it was last synced: a power cut may take it back to that.
    var syncedWitness: OutboxWitness.Word?
    /// The newest age this shard ever had: ages of a restored file start from its backup's.
    var running: UInt64 = 0

    func id(_ epoch: UUID) -> StreamID { StreamID(source: .notes, tenant: tenant, shard: number, epoch: epoch) }

    func events(of stream: StreamID, from: UInt64, to: UInt64, count: Int) -> [SimulatedMessage] {
        guard let positions = disk.machine.positions(epoch: stream.epoch, from: from, to: to) else { return [] }
        return positions.prefix(count).map { disk.row($0) }
    }

    var heads: [StreamHead] {
        disk.machine.streams.map { StreamHead(stream: id($0.epoch), head: $0.head, digest: $0.digest, mark: $0.mark) }
    }
}
