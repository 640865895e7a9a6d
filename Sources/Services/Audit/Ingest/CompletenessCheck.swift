internal import Contracts
internal import EventLog
internal import Observability
internal import Shards

/// What each stream lacks, and whether every source was there to name its streams.
struct CompletenessReport: Sendable {
    let streams: [StreamCompleteness]
    let isWhole: Bool
}

/// Compares what the sources say they ever wrote with what the log has.
struct CompletenessCheck: Sendable {
    let log: AuditLog
    let sources: [any EventSourceClient]
    let gaps: GapWatch
    let logger: Logger

    /// Every stream that a source or the log knows of. The service's own stream is left out: its events enter the log as they are made.
    func report(of tenant: TenantName, cause: RequestEvent?) async throws(AuditError) -> CompletenessReport {
        var lists: [ServiceName: [StreamHead]?] = [:]
        for source in sources {
            lists.updateValue(await heads(of: source, tenant, cause), forKey: source.source)
        }
        // Read after the lists: what a source had written by then, the log may have got meanwhile, but never the other way round.
        let streams = try await log.streams(of: tenant).filter { $0.key.source != .audit }
        let report = Completeness.compare(log: streams, sources: lists)
        let missing = report.filter { $0.status == .missing }.map { ($0.stream, $0.head) }
        if !missing.isEmpty { gaps.suspect(Dictionary(uniqueKeysWithValues: missing), of: tenant) }
        return CompletenessReport(streams: report, isWhole: !lists.isEmpty && lists.values.allSatisfy { $0 != nil })
    }

    private func heads(of source: any EventSourceClient, _ tenant: TenantName, _ cause: RequestEvent?) async -> [StreamHead]? {
        do {
            return try await source.allStreams(tenant: tenant.text, cause: cause)
        } catch {
            logger.warning("A source could not be asked for its streams", .peer(source.source.rawValue), .error(error))
            return nil
        }
    }
}
