internal import Contracts
internal import Encodings
internal import EventLog
internal import JSON

/// The answer of `GET /audit/completeness`:
///
///     {"complete": false, "streams": [{"source": "notes", "shard": 0, "epoch": "…", "status": "missing", "completeUpTo": 41, "head": 57}]}
enum CompletenessJSON {
    static func encode(_ streams: [StreamCompleteness]) -> [UInt8] {
        var writer = JSONWriter(reserving: 64 + streams.count * 160)
        writer.beginObject()
        writer.key("complete")
        writer.bool(streams.allSatisfy { $0.status == .complete })
        writer.key("streams")
        writer.beginArray()
        for stream in streams {
            writer.beginObject()
            writer.member("source", stream.stream.source.rawValue)
            writer.key("shard")
            writer.int(stream.stream.shard)
            writer.member("epoch", stream.stream.epoch.description)
            writer.member("status", stream.status.rawValue)
            writer.key("completeUpTo")
            writer.int(stream.completeUpTo)
            writer.key("head")
            writer.int(stream.head)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }
}
