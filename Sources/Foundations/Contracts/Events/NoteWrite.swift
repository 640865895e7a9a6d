internal import Bytes

/// The data of `strongroom.note.write.v1` (`proto/strongroom/events/v1/note_write.proto`).
public struct NoteWrite: Equatable, Sendable {
    /// The note's version after the write; 0 when there is none.
    public var version: UInt64
    /// A keyed digest of title and content; empty when nothing was stored.
    public var contentDigest: [UInt8]

    public init(version: UInt64 = 0, contentDigest: [UInt8] = []) {
        self.version = version
        self.contentDigest = contentDigest
    }

    public func encoded() -> [UInt8] {
        var writer = ProtobufWriter(capacity: 48)
        writer.varint(1, version)
        writer.bytes(2, contentDigest)
        return writer.bytes
    }

    public init(_ span: Span<UInt8>) throws(ProtobufError) {
        self.init()
        var reader = ProtobufReader(span)
        while let field = try reader.next(in: span) {
            switch field.number {
            case 1: version = try field.varint()
            case 2: contentDigest = [UInt8](copying: span.extracting(try field.bytes().range))
            default: continue
            }
        }
    }
}
