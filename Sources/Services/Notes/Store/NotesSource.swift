internal import Contracts
internal import Encodings
internal import EventLog
internal import Shards

/// The outboxes of all notes shards, as the relay and the audit service ask for them.
struct NotesSource: OutboxSource {
    let shards: ShardSet<NoteStore>

    func pendingStreams() async throws(OutboxSourceError) -> (streams: [StreamHead], unreadable: Int) {
        var heads: [StreamHead] = []
        var unreadable = 0
        for shard in try await unavailable({ try shards.undeliveredShards() }) {
            do {
                heads += try await shards.inspect(shard) { $0.outbox.heads }?.filter { $0.head > $0.mark } ?? []
            } catch {
                unreadable += 1
            }
        }
        return (heads, unreadable)
    }

    func events(
        of stream: StreamID, from: UInt64, to: UInt64, count: Int, bytes: Int
    ) async throws(OutboxSourceError) -> [CommittedEvent] {
        try await unavailable {
            guard let shard = try await shard(of: stream) else { return [] }
            return try await shards.inspect(shard) {
                try $0.outbox.events(epoch: stream.epoch, from: from, to: to, count: count, bytes: bytes)
            } ?? []
        }
    }

    /// The number of the stream's newest event; 0 for a stream that was never ours.
    func head(of stream: StreamID) async throws(OutboxSourceError) -> UInt64 {
        try await unavailable {
            guard let shard = try await shard(of: stream) else { return 0 }
            return try await shards.inspect(shard) { $0.outbox.headsEver.first { $0.stream == stream }?.head ?? 0 } ?? 0
        }
    }

    func confirm(_ marks: [StreamMark]) async -> [StreamMark] {
        var byShard: [ShardID: [StreamMark]] = [:]
        var failed: [StreamMark] = []
        for mark in marks {
            do {
                if let shard = try await shard(of: mark.stream) { byShard[shard, default: []].append(mark) }
            } catch {
                failed.append(mark)
            }
        }
        for (shard, marks) in byShard {
            do {
                try await shards.write(shard) { writer in
                    for mark in marks { writer.outbox.confirm(epoch: mark.stream.epoch, mark: mark.mark, backedUp: mark.backedUp) }
                }
            } catch {
                failed += marks
            }
        }
        return failed
    }

    func streams(tenant: String?, after: String?, limit: Int) async throws(OutboxSourceError) -> StreamsPage {
        let after = try after.map { text throws(OutboxSourceError) in try Cursor(text) }
        return try await unavailable {
            let isOfAll = tenant == nil
            var page = StreamsPage(streams: [], next: nil)
            var unreadable: Set<String> = []
            func note(unreadable tenant: TenantName) throws {
                guard unreadable.insert(tenant.text).inserted else { return }
                // None may go unnamed.
                guard unreadable.count <= StreamsPage.maximumStreams else { throw OutboxSourceError.unavailable }
                page.unreadable.append(tenant.text)
            }
            if isOfAll { for shard in shards.missingShards { try note(unreadable: shard.tenant) } }
            let tenants = if let tenant { TenantName(tenant).map { [$0] } ?? [] } else { try await shards.tenants() }
            for tenant in tenants {
                if let after, tenant.text < after.tenant { continue }
                let own: [ShardID]
                do { own = try await shards.shards(of: tenant) } catch {
                    guard isOfAll else { throw error }
                    try note(unreadable: tenant)
                    continue
                }
                for shard in own {
                    if let after, after.isPast(shard) { continue }
                    var heads: ArraySlice<StreamHead> = []
                    do { heads = try await shards.inspect(shard, { $0.outbox.headsEver })?[...] ?? [] } catch {
                        guard isOfAll else { throw error }
                        // The other shards' are asked for, too.
                        try note(unreadable: tenant)
                    }
                    if let seen = heads.firstIndex(where: { after?.names($0.stream) == true }) { heads = heads[(seen + 1)...] }
                    for head in heads {
                        if page.streams.count == limit {
                            page.next = page.streams.last.map { Cursor(last: $0.stream).text }
                            return page
                        }
                        page.streams.append(head)
                    }
                }
            }
            return page
        }
    }

    /// The shard a stream names, if it is one of ours: asking must not make folders.
    private func shard(of stream: StreamID) async throws -> ShardID? {
        guard stream.source == .notes, let tenant = TenantName(stream.tenant) else { return nil }
        return try await shards.shards(of: tenant).first { $0.number == Int(stream.shard) }
    }

    private func unavailable<R>(_ body: () async throws -> R) async throws(OutboxSourceError) -> R {
        do { return try await body() } catch { throw .unavailable }
    }

    /// `tenant/shard/epoch` of the last stream of a page.
    private struct Cursor {
        let tenant: String
        let shard: Int
        let epoch: UUID

        init(last stream: StreamID) {
            tenant = stream.tenant
            shard = Int(stream.shard)
            epoch = stream.epoch
        }

        init(_ text: String) throws(OutboxSourceError) {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 3, let tenant = TenantName(String(parts[0])), let shard = Int(parts[1]), shard >= 0,
                let epoch = UUID(String(parts[2]))
            else { throw .invalidCursor }
            self.tenant = tenant.text
            self.shard = shard
            self.epoch = epoch
        }

        var text: String { "\(tenant)/\(shard)/\(epoch)" }

        func isPast(_ other: ShardID) -> Bool { other.tenant.text == tenant && other.number < shard }

        func names(_ stream: StreamID) -> Bool {
            stream.tenant == tenant && Int(stream.shard) == shard && stream.epoch == epoch
        }
    }
}
