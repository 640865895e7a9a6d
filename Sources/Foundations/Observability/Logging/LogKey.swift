/// The keys of log lines. A line is mostly keys, so each is rendered once, with what stands around it.
enum LogKey: Int, CaseIterable, Sendable {
    case requestId, traceId, method, route, operation, status, durationUs, upstreamUs, bytesIn, bytesOut, source, caller, peer
    case principal, tenant, user, kid, outcome, reason, error, attempt, count, limit, enabled, address, file, shard, version
    case generation, stream, seq, topic, partition, offset, eventType

    /// `,"key":`
    var opening: [UInt8] { Self.openings[rawValue] }

    private static let openings = allCases.map { Array(",\"\($0)\":".utf8) }
}
