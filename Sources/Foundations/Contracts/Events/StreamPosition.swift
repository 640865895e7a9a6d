internal import Encodings

/// One event's place: a stream and a number within it, counted from 1.
public struct StreamPosition: Hashable, Sendable {
    public var stream: StreamID
    public var seq: UInt64

    public init(stream: StreamID, seq: UInt64) {
        self.stream = stream
        self.seq = seq
    }

    /// The value of `x-strongroom-audit-position`: `notes.3.01890a5d-ac96-774b-bcce-b302099a8057.42`, that is source, shard,
    /// epoch and number. The tenant is not said: a position counts in its reader's own tenant.
    public var headerValue: String {
        "\(stream.source.rawValue).\(stream.shard).\(stream.epoch).\(seq)"
    }

    /// Nil unless the text is exactly what ``headerValue`` writes.
    public init?(headerValue: String, tenant: String) {
        guard headerValue.utf8.count <= 100 else { return nil }
        let parts = headerValue.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, let source = ServiceName(rawValue: String(parts[0])), let shard = UInt32(parts[1]),
            let epoch = UUID(String(parts[2])), let seq = UInt64(parts[3]), seq > 0
        else { return nil }
        self.init(stream: StreamID(source: source, tenant: tenant, shard: shard, epoch: epoch), seq: seq)
        guard self.headerValue == headerValue else { return nil }
    }
}
