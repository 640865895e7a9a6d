import Contracts
import Testing

/// Reads protoc's descriptors with our own reader: the definitions' numbers and types are what the codec was written for.
@Suite struct EventDescriptorTests {
    // label 3 is repeated; types: 3 int64, 4 uint64, 9 string, 11 message, 12 bytes, 13 uint32, 14 enum
    static let expected: Set<String> = [
        "Envelope.event=1:12", "Envelope.key_id=2:9", "Envelope.mac=3:12",
        "Event.stream=1:11", "Event.seq=2:4", "Event.previous=3:12", "Event.id=4:12", "Event.time=5:3", "Event.type=6:9", "Event.actor=7:11",
        "Event.action=8:9", "Event.outcome=9:14", "Event.reason=10:9", "Event.resource=11:11", "Event.request_id=12:9", "Event.source_address=13:9",
        "Event.data=14:12", "Event.traceparent=15:9", "Event.tracestate=16:9",
        "Stream.source=1:9", "Stream.tenant=2:9", "Stream.shard=3:13", "Stream.epoch=4:12",
        "Actor.user_id=1:9", "Actor.username=2:9", "Actor.principal=3:9", "Actor.method=4:9",
        "Resource.type=1:9", "Resource.id=2:9",
        "NoteWrite.version=1:4", "NoteWrite.content_digest=2:12",
        "AuditQuery.filters=1:9*", "AuditQuery.returned=2:13",
    ]

    @Test func `the definitions are those the codec was written for`() async throws {
        let bytes = try await Protoc.descriptors()
        var found: Set<String> = []
        for file in try submessages(1, of: bytes) {
            for message in try submessages(4, of: file) {
                let name = String(decoding: try #require(try submessages(1, of: message).first), as: UTF8.self)
                for field in try submessages(2, of: message) { found.insert("\(name).\(try describe(field))") }
            }
        }
        #expect(found == Self.expected)
    }

    private func submessages(_ number: UInt32, of bytes: [UInt8]) throws -> [[UInt8]] {
        var reader = ProtobufReader(bytes.span)
        var found: [[UInt8]] = []
        while let field = try reader.next(in: bytes.span) {
            if field.number == number { found.append(Array(bytes[try field.bytes().range])) }
        }
        return found
    }

    private func describe(_ bytes: [UInt8]) throws -> String {
        var (name, number, label, type): (String, UInt64, UInt64, UInt64) = ("", 0, 0, 0)
        var reader = ProtobufReader(bytes.span)
        while let field = try reader.next(in: bytes.span) {
            switch field.number {
            case 1: name = String(decoding: bytes[try field.bytes().range], as: UTF8.self)
            case 3: number = try field.varint()
            case 4: label = try field.varint()
            case 5: type = try field.varint()
            default: continue
            }
        }
        return "\(name)=\(number):\(type)\(label == 3 ? "*" : "")"
    }
}
