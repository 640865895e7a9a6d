internal import Bootstrap
internal import Contracts
internal import EventLog
internal import Observability
internal import Shards

/// Trims outboxes of what audit has had for long enough, forgets idempotency keys that have expired, in shards that are open, and takes shards without undelivered events off
/// the durable list.
struct NotesMaintenance: BackgroundService {
    let name = "notes-maintenance"
    let shards: ShardSet<NoteStore>
    let relay: EventRelay
    let log: Logger

    private static let batch = 1000

    func run() async throws {
        // Cancellation is the one way a sleep fails, and the end of this loop.
        while (try? await Task.sleep(for: .seconds(300))) != nil {
            for shard in await shards.openShards() {
                do {
                    while !Task.isCancelled, try await shards.upkeep(shard, { try $0.trim() }) == Outbox.trimmedAtOnce {}
                    let waiting = try await shards.upkeep(shard) { $0.outbox.wantsRecheck() ? $0.outbox.heads : [] }
                    if !waiting.isEmpty { relay.recheck(waiting) }
                    // Few at a time: writers wait.
                    while try await shards.upkeep(shard, { try $0.forgetExpired(atMost: Self.batch) }) == Self.batch {}
                } catch {
                    log.warning("A shard could not be tidied up", .tenant(shard.tenant.text), .shard(shard.number), .error(error))
                }
            }
            do { try await shards.sweep() } catch { log.warning("The list of undelivered shards could not be swept", .error(error)) }
        }
    }
}
