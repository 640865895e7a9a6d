public import Contracts

/// Compares the sources' own lists of streams with the log's marks.
public enum Completeness {
    /// - Parameters:
    ///   - log: the streams of one tenant's log, read after the lists.
    ///   - sources: each source's list for that tenant, a shard's streams oldest first; nil for a source that could not be asked.
    /// - Returns: every stream that either side knows, by source, shard and epoch.
    public static func compare(log: [StreamID: AuditStream], sources: [ServiceName: [StreamHead]?]) -> [StreamCompleteness] {
        var found: [StreamID: StreamCompleteness] = [:]
        for (source, list) in sources {
            guard let list else { continue }
            var listed: Set<StreamID> = []
            var newest: [Shard: StreamID] = [:]
            for head in list { newest[Shard(head.stream)] = head.stream }
            for head in list {
                listed.insert(head.stream)
                let isClosed = newest[Shard(head.stream)] != head.stream
                found[head.stream] = judge(head, isClosed: isClosed, log[head.stream] ?? AuditStream())
            }
            for (stream, state) in log where stream.source == source && !listed.contains(stream) { found[stream] = unlisted(stream, state) }
        }
        for (stream, state) in log where found[stream] == nil { found[stream] = unlisted(stream, state) }
        return found.values.sorted {
            ($0.stream.source.rawValue, $0.stream.shard, $0.stream.epoch) < ($1.stream.source.rawValue, $1.stream.shard, $1.stream.epoch)
        }
    }

    /// - Parameter isClosed: whether its file appends to a newer stream. The newest goes on while the log is read, which puts nobody ahead.
    private static func judge(_ head: StreamHead, isClosed: Bool, _ state: AuditStream) -> StreamCompleteness {
        let known = max(head.head, state.known)
        let status: StreamCompleteness.Status =
            if state.conflicts > 0 || (head.head == state.mark && head.digest != state.digest) {
                .conflict
            } else if known <= state.mark, isClosed, head.head < state.mark {
                .ahead
            } else if known <= state.mark {
                .complete
            } else if state.isLost {
                .lost
            } else {
                .missing
            }
        return StreamCompleteness(stream: head.stream, status: status, completeUpTo: state.mark, head: known)
    }

    private struct Shard: Hashable {
        let tenant: String
        let number: UInt32

        init(_ stream: StreamID) { (tenant, number) = (stream.tenant, stream.shard) }
    }

    // What has arrived tells of a hole also while the source is away.
    private static func unlisted(_ stream: StreamID, _ state: AuditStream) -> StreamCompleteness {
        let status: StreamCompleteness.Status =
            if state.conflicts > 0 { .conflict } else if state.isLost { .lost } else if state.known > state.mark { .missing } else { .unknown }
        return StreamCompleteness(stream: stream, status: status, completeUpTo: state.mark, head: state.known)
    }
}
