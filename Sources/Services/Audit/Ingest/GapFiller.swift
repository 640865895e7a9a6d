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
    /// Between two rounds that brought nothing.
    private static let pause = Duration.seconds(1)
    /// Until a log that could not be read or written is tried again.
    private static let rest = Duration.seconds(10)

    private enum Outcome {
        /// The log is complete, or what it lacks is lost.
        case over
        case progress
        /// A source can't be asked, or was asked a moment ago.
        case waiting
        case failed
    }

    func run() async throws {
        do {
            // Logs that lacked something when the process ended, and only those, are opened now.
            for shard in try log.shards.undeliveredShards() { gaps.found(shard.tenant) }
        } catch {
            logger.error("The list of incomplete logs can't be read", .error(error))
        }
        await withDiscardingTaskGroup { group in
            group.addTask { await confirmSuspects() }
            group.addTask { await fillLogs() }
        }
    }

    /// Each log in its turn gets one answer of its sources, so that one that lacks much keeps no other waiting.
    private func fillLogs() async {
        var failed: [TenantName: ContinuousClock.Instant] = [:]
        while !Task.isCancelled {
            var hasProgress = false
            var left: Set<TenantName> = []
            for tenant in await gaps.tenants.next() where !Task.isCancelled {
                if let since = failed[tenant], since.duration(to: .now) < Self.rest {
                    left.insert(tenant)
                    continue
                }
                failed[tenant] = nil
                switch await fill(tenant) {
                case .over: continue
                case .progress: hasProgress = true
                case .waiting: break
                case .failed: failed[tenant] = .now
                }
                left.insert(tenant)
            }
            if left.isEmpty { continue }
            if !hasProgress { try? await Task.sleep(for: Self.pause) }
            gaps.tenants.add { $0.formUnion(left) }
        }
    }

    /// Tells logs up to where their streams reach, once it does not arrive by itself.
    private func confirmSuspects() async {
        while !Task.isCancelled {
            let suspects = await gaps.suspects.next()
            if suspects.isEmpty { continue }
            await waitUntilQuiet()
            for (tenant, heads) in suspects where !Task.isCancelled {
                do {
                    try await log.write(tenant) { try $0.reaches(heads) }
                    gaps.found(tenant)
                } catch {
                    logger.warning("A log could not be told what it lacks", .tenant(tenant.text), .error(error))
                    gaps.suspect(heads, of: tenant)
                }
            }
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

    private func fill(_ tenant: TenantName) async -> Outcome {
        do {
            let now = SystemClock.monotonicNanoseconds() / 1_000_000
            let (replays, isOver) = try await log.write(tenant) { ($0.startReplays(now: now), $0.isSettled) }
            var hasProgress = false
            for replay in replays where try await run(replay, tenant) { hasProgress = true }
            return isOver ? .over : hasProgress ? .progress : .waiting
        } catch {
            logger.warning("A log could not be filled", .tenant(tenant.text), .error(error))
            return .failed
        }
    }

    /// Returns whether the log has more of the stream than before.
    private func run(_ replay: AuditMachine.Replay, _ tenant: TenantName) async throws -> Bool {
        let answer = await ask(for: replay, tenant)
        var refused = 0
        if let answer {
            refused = try await intake.receive(answer.envelopes)
            metrics.replayed.increment(by: UInt64(answer.envelopes.count - refused))
            if refused > 0 {
                metrics.replaysFailed.increment()
                logger.error("A source sent again what it did not sign", .peer(replay.stream.source.rawValue), .tenant(tenant.text), .count(refused))
            }
        }
        let now = SystemClock.monotonicNanoseconds() / 1_000_000
        // What can't be verified, perhaps with the keys that are here today, is not what its source no longer has.
        let head = refused > 0 ? nil : answer?.head
        return try await log.write(tenant) { $0.endReplay(replay, head: head, now: now) }
    }

    private func ask(for replay: AuditMachine.Replay, _ tenant: TenantName) async -> ReplayResponse? {
        guard let source = sources.first(where: { $0.source == replay.stream.source }) else { return nil }
        do {
            return try await source.replay(ReplayRequest(stream: replay.stream, from: replay.from, to: replay.to))
        } catch {
            metrics.replaysFailed.increment()
            logger.warning("A source could not be asked for events again", .peer(source.source.rawValue), .tenant(tenant.text), .error(error))
            return nil
        }
    }
}
