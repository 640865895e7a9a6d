internal import Bootstrap
internal import Contracts
internal import EventLog
internal import Observability
internal import Processes
internal import Shards

/// Asks sources for the events that logs lack, until they have them.
struct GapFiller: BackgroundService {
    let name = "audit-gap-filler"
    let log: AuditLog
    let gaps: GapWatch
    let intake: EventIntake
    let sources: [any EventSourceClient]
    let metrics: AuditMetrics
    let logger: Logger

    /// Without anything new for so long, what a source has told of is no longer on its way. A consumer takes some seconds to join its group.
    var patience = Duration.seconds(5)
    /// After so many times `patience` it is asked for whatever else arrives.
    private static let patienceAtMost = 12
    /// Between two tries of what could not be had.
    private static let pause = Duration.seconds(1)

    func run() async throws {
        do {
            // Logs that lacked something when the process ended, and only those, are opened now.
            for shard in try log.shards.undeliveredShards() { gaps.found(shard.tenant) }
        } catch {
            logger.error("The list of incomplete logs can't be read", .error(error))
        }
        while !Task.isCancelled {
            let found = await gaps.next()
            if !found.suspects.isEmpty {
                await waitUntilQuiet()
                for (tenant, heads) in found.suspects { await note(heads, in: tenant) }
            }
            var isWaiting = false
            for tenant in found.tenants.union(found.suspects.keys) where !Task.isCancelled {
                if await !fill(tenant) {
                    gaps.found(tenant)
                    isWaiting = true
                }
            }
            if isWaiting { try? await Task.sleep(for: Self.pause) }
        }
    }

    /// Returns once consuming has brought nothing new for a while: what it still brings need not come from its source a second time.
    private func waitUntilQuiet() async {
        var stored = metrics.storedEvents
        for _ in 0..<Self.patienceAtMost where !Task.isCancelled {
            // Cut short when the service stops.
            try? await Task.sleep(for: patience)
            if metrics.storedEvents == stored { return }
            stored = metrics.storedEvents
        }
    }

    /// Enters how far streams reach by their source's word.
    private func note(_ heads: [StreamMark], in tenant: TenantName) async {
        do {
            try await log.write(tenant) { try $0.reaches(heads) }
        } catch {
            logger.warning("A log could not be told what it lacks", .tenant(tenant.text), .error(error))
        }
    }

    /// Returns whether nothing is left to be asked for: the log is complete, or what it lacks is lost.
    private func fill(_ tenant: TenantName) async -> Bool {
        do {
            let now = SystemClock.monotonicNanoseconds() / 1_000_000
            let (replays, isOver) = try await log.write(tenant) { ($0.startReplays(now: now), $0.isSettled) }
            for replay in replays { try await run(replay, tenant) }
            return isOver
        } catch {
            logger.warning("A log could not be filled", .tenant(tenant.text), .error(error))
            return false
        }
    }

    private func run(_ replay: AuditMachine.Replay, _ tenant: TenantName) async throws(AuditError) {
        var head: UInt64?
        if let source = sources.first(where: { $0.source == replay.stream.source }) {
            do {
                let answer = try await source.replay(ReplayRequest(stream: replay.stream, from: replay.from, to: replay.to))
                let refused = try await intake.receive(answer.envelopes)
                metrics.replayed.increment(by: UInt64(answer.envelopes.count - refused))
                if refused > 0 {
                    metrics.replaysFailed.increment()
                    logger.error("A source sent again what it did not sign", .peer(source.source.rawValue), .tenant(tenant.text), .count(refused))
                }
                head = answer.head
            } catch {
                metrics.replaysFailed.increment()
                logger.warning("A source could not be asked for events again", .peer(source.source.rawValue), .tenant(tenant.text), .error(error))
            }
        }
        let (now, said) = (SystemClock.monotonicNanoseconds() / 1_000_000, head)
        try await log.write(tenant) { $0.endReplay(replay, head: said, now: now) }
    }
}
