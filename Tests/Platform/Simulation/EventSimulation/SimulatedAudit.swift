import Contracts
import Crypto
import EventLog

/// One tenant's log: rows and marks on disk, committed together.
struct SimulatedLog {
    struct Disk {
        var machine = AuditMachine()
        var rows: [StreamID: [SHA256Digest]] = [:]
    }

    struct Backup {
        var disk: Disk
        /// The running time of each shard of the tenant when it was made.
        var ages: [UInt64]
    }

    var disk = Disk()
    var backups: [Backup] = []
    /// How far streams were before the log was last restored. Until they are there again a backup does not count: it would hold less than an older
    /// one, while sources have gone by what the log once said.
    var owed: [StreamID: UInt64] = [:]

    /// What a restart finds: replays under way are forgotten.
    mutating func restart() {
        var streams = disk.machine.streams
        for (id, state) in streams {
            streams[id] = AuditStream(
                mark: state.mark, digest: state.digest, known: state.known, conflicts: state.conflicts, isLost: state.isLost)
        }
        disk.machine = AuditMachine(streams: streams)
    }
}
