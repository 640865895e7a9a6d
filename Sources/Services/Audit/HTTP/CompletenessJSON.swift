internal import Contracts
internal import Encodings
internal import EventLog
internal import JSON

/// The answer of `GET /audit/completeness`:
///
///     {"complete": false, "streams": [{"source": "notes", "shard": 0, "epoch": "…", "status": "missing", "completeUpTo": 41, "head": 57}]}
///
/// `completeUpTo` and `head` are an auditor's: they count the events of everybody whose notes share the shard. `status` is one of ``StreamCompleteness/Status``: a stream that is `ahead` lacks
/// nothing in the log. Not complete, whatever the streams, is an answer that lacks a source's list.
enum CompletenessJSON {
    static func encode(_ report: CompletenessReport, withCounts: Bool) -> [UInt8] {
        let streams = report.streams
        var writer = JSONWriter(reserving: 64 + streams.count * 160)
        writer.beginObject()
        writer.member("complete", report.isWhole && streams.allSatisfy { $0.status == .complete || $0.status == .ahead })
        writer.key("streams")
        writer.beginArray()
        for stream in streams {
            writer.beginObject()
            writer.member("source", stream.stream.source.rawValue)
            writer.member("shard", stream.stream.shard)
            writer.member("epoch", stream.stream.epoch.description)
            writer.member("status", stream.status.rawValue)
            if withCounts {
                writer.member("completeUpTo", stream.completeUpTo)
                writer.member("head", stream.head)
            }
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }
}
