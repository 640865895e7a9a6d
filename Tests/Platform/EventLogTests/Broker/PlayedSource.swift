import Contracts
import Crypto
import Encodings
import EventLog
import SQLite

/// A source with one shard for each tenant, in memory.
actor PlayedSource: OutboxSource {
    static let key = [UInt8](repeating: 21, count: 32)
    static let keyID = "notes-1"

    struct Shard {
        let connection: Connection
        let outbox: Outbox
    }

    private var shards: [String: Shard] = [:]
    private(set) var confirmed: [StreamID: UInt64] = [:]
    /// Tenants whose file takes no marks.
    private var unwritable: Set<String> = []

    init(tenants: [String]) throws {
        for tenant in tenants {
            let connection = try Connection.inMemory()
            try connection.execute(OutboxSchema.sql)
            let outbox = try Outbox(
                connection: connection, tenant: tenant, shard: 0, signer: EventSigner(source: .notes, keyID: Self.keyID, key: Self.key),
                limit: 1_000_000
            ) { UUID.v7(at: Timestamp(seconds: 1), random: (Random.uint64(), Random.uint64())) }
            shards[tenant] = Shard(connection: connection, outbox: outbox)
        }
    }

    func write(_ count: Int, tenant: String, dataBytes: Int = 40) throws -> [CommittedEvent] {
        let shard = shards[tenant]!
        try shard.connection.transaction {
            for _ in 0..<count { _ = try shard.outbox.append(Self.occurrence(dataBytes: dataBytes)) }
            try shard.outbox.prepareCommit()
        }
        return shard.outbox.didCommit()
    }

    static func occurrence(dataBytes: Int = 40) -> Occurrence {
        Occurrence(
            id: UUID.v7(at: Timestamp(seconds: 2), random: (Random.uint64(), Random.uint64())), time: Timestamp(seconds: 1_700_000_000),
            type: EventType.noteWrite, actor: EventActor(userID: "0b6c3a52-6a1e-4c7e-9f5e-0d1b8c2f4a77", username: "alice", method: "jwt"),
            action: EventAction.createNote, outcome: .accepted,
            resource: EventResource(type: EventResource.note, id: "01890a5d-ac96-774b-bcce-b302099a8057"), requestID: "r-1",
            sourceAddress: "192.0.2.7",
            data: [UInt8](repeating: 1, count: dataBytes), traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            tracestate: "a=1")
    }

    func setWritable(_ isWritable: Bool, tenant: String) {
        if isWritable { unwritable.remove(tenant) } else { unwritable.insert(tenant) }
    }

    var heads: [StreamHead] { shards.values.flatMap(\.outbox.heads) }

    func pendingStreams() throws(OutboxSourceError) -> (streams: [StreamHead], unreadable: Int) { (heads, 0) }

    func events(of stream: StreamID, from: UInt64, to: UInt64, count: Int, bytes: Int) throws(OutboxSourceError) -> [CommittedEvent] {
        guard let shard = shards[stream.tenant] else { return [] }
        do { return try shard.outbox.events(epoch: stream.epoch, from: from, to: to, count: count, bytes: bytes) } catch { throw .unavailable }
    }

    func confirm(_ marks: [StreamMark]) -> [StreamMark] {
        let failed = marks.filter { unwritable.contains($0.stream.tenant) }
        for mark in marks where !unwritable.contains(mark.stream.tenant) {
            confirmed[mark.stream] = mark.mark
            shards[mark.stream.tenant]?.outbox.confirm(epoch: mark.stream.epoch, mark: mark.mark)
        }
        return failed
    }
}
