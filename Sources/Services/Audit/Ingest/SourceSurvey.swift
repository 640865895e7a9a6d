internal import Bootstrap
internal import Contracts
internal import EventLog
internal import Observability
internal import Shards

/// Compares every source's streams with the logs, at start and now and then: what nobody sends any more, since its source believes it
/// delivered, is missed all the same. So a log that was restored from a backup fills up again by itself.
struct SourceSurvey: BackgroundService {
    let name = "audit-source-survey"
    let marks: Marks
    let gaps: GapWatch
    let sources: [any EventSourceClient]
    let logger: Logger
    var interval = Duration.seconds(600)
    /// Until a source that is away is asked again.
    var retry = Duration.seconds(5)

    func run() async throws {
        await withDiscardingTaskGroup { group in
            for source in sources { group.addTask { await survey(source) } }
        }
    }

    private func survey(_ source: any EventSourceClient) async {
        while !Task.isCancelled {
            var pause = interval
            do {
                try await look(at: source)
            } catch {
                logger.warning("A source could not be asked for its streams", .peer(source.source.rawValue), .error(error))
                pause = retry
            }
            // Cut short when the service stops.
            try? await Task.sleep(for: pause)
        }
    }

    /// Page by page, so that neither side holds the list of all tenants' streams.
    private func look(at source: any EventSourceClient) async throws {
        var after: String?
        repeat {
            let page = try await source.streams(tenant: nil, after: after, cause: nil)
            let known = try await marks.current(of: page.streams.map(\.stream))
            var missing: [TenantName: [StreamID: UInt64]] = [:]
            for head in page.streams {
                guard let mark = known[head.stream], head.head > mark, let tenant = TenantName(head.stream.tenant) else { continue }
                missing[tenant, default: [:]][head.stream] = head.head
            }
            for (tenant, heads) in missing { gaps.suspect(heads, of: tenant) }
            after = page.next
        } while after != nil && !Task.isCancelled
    }
}
