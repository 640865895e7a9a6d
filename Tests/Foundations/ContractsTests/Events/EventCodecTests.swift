import Contracts
import Crypto
import Encodings
import Testing

@Suite struct EventCodecTests {
    @Test(arguments: 0..<40)
    func `an event is written byte for byte as protoc writes it`(seed: UInt64) async throws {
        var generator = GeneratedEvents(seed: seed)
        let event = generator.event()
        #expect(try await Protoc.encode(event.textFormat, as: "Event") == event.encoded())
    }

    @Test(arguments: 0..<500)
    func `an event that is read is the event that was written`(seed: UInt64) throws {
        var generator = GeneratedEvents(seed: seed)
        let event = generator.event()
        #expect(try Event(event.encoded().span) == event)
    }

    @Test func `the data of a note's write is what protoc writes`() async throws {
        let data = NoteWrite(version: 300, contentDigest: [0, 1, 255])
        #expect(try await Protoc.encode(#"version: 300 content_digest: "\000\001\377""#, as: "NoteWrite") == data.encoded())
        let nothing: [UInt8] = []
        #expect(try NoteWrite(data.encoded().span) == data)
        #expect(try NoteWrite(nothing.span) == NoteWrite())
    }

    @Test func `the data of an audit query is what protoc writes`() async throws {
        let data = AuditQuery(filters: ["user", "", "from"], returned: 50)
        #expect(try await Protoc.encode(#"filters: "user" filters: "" filters: "from" returned: 50"#, as: "AuditQuery") == data.encoded())
        #expect(try AuditQuery(data.encoded().span) == data)
    }

    @Test func `an envelope is a message that protoc reads`() async throws {
        var generator = GeneratedEvents(seed: 7)
        var event = generator.event()
        event.stream.source = .notes
        let signed = try EventSigner(source: .notes, keyID: "k1", key: Array(repeating: 7, count: 32)).sign(event)
        let text = try await Protoc.decode(signed.envelope, as: "Envelope")
        #expect(text.contains(#"key_id: "k1""#))
        #expect(try await Protoc.encode(text, as: "Envelope") == signed.envelope)
    }

    @Test func `fields of a newer version are passed over`() throws {
        var generator = GeneratedEvents(seed: 3)
        let event = generator.event()
        var writer = ProtobufWriter()
        writer.string(2000, "from the future")
        writer.varint(99, 5)
        let bytes = writer.bytes + event.encoded() + [0x9d, 0x3e, 1, 2, 3, 4] + [0x99, 0x3e, 1, 2, 3, 4, 5, 6, 7, 8]
        #expect(try Event(bytes.span) == event)
    }

    @Test(arguments: 0..<60)
    func `no cut and no flipped bit does more than throw`(seed: UInt64) throws {
        var generator = GeneratedEvents(seed: seed)
        let bytes = generator.event().encoded()
        for end in bytes.indices { _ = try? Event(Array(bytes[..<end]).span) }
        for _ in 0..<200 {
            var mutated = bytes
            mutated[Int(generator.number(upTo: UInt64(bytes.count - 1)))] ^= 1 << UInt8(generator.number(upTo: 7))
            _ = try? Event(mutated.span)
        }
    }

    @Test(arguments: [
        ([0x08], ProtobufError.truncated), ([0x0a, 0x05, 0x01], .truncated), ([0x10] + Array(repeating: 0xff, count: 10), .malformedVarint),
        ([0x00], .invalidFieldNumber), ([0x0b], .unsupportedWireType), ([0x0f], .unsupportedWireType),
        ([0x08, 0x01], .unexpectedWireType(field: 1)), ([0x12, 0x00], .unexpectedWireType(field: 2)),
        ([0x32, 0x02, 0xc3, 0x28], .invalidUTF8(field: 6)), ([0x32, 0x01, 0x80], .invalidUTF8(field: 6)),
        ([0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], .truncated),
    ])
    func `bytes that are no message are refused with their reason`(bytes: [UInt8], error: ProtobufError) {
        #expect(throws: EventError.malformed(error)) { try EventFields(bytes.span) }
    }

    @Test func `every field breaks when its rule is broken`() throws {
        func refused(_ field: String, _ change: (inout Event) -> Void) {
            var generator = GeneratedEvents(seed: 11)
            var event = generator.event()
            change(&event)
            #expect(throws: EventError.invalid(field: field)) { try event.validate() }
            // Whoever reads it comes to the same.
            #expect(throws: EventError.invalid(field: field)) { try EventFields(event.encoded().span).validate() }
        }
        let long = String(repeating: "x", count: 1_025)
        refused("tenant") { $0.stream.tenant = "" }
        refused("tenant") { $0.stream.tenant = long }
        refused("seq") { $0.seq = 0 }
        refused("previous") {
            $0.seq = 2; $0.previous = nil
        }
        refused("previous") {
            $0.seq = 1; $0.previous = SHA256.hash([UInt8]())
        }
        refused("type") { $0.occurrence.type = "" }
        refused("action") { $0.occurrence.action = long }
        refused("user_id") { $0.occurrence.actor.userID = long }
        refused("username") { $0.occurrence.actor.username = long }
        refused("source_address") { $0.occurrence.sourceAddress = long }
        refused("tracestate") { $0.occurrence.tracestate = String(repeating: "x", count: 513) }
        refused("request_id") { $0.occurrence.requestID = long }
        refused("resource.id") { $0.occurrence.resource = EventResource(type: "note", id: long) }
    }
}

extension Array where Element == UInt8 {
    /// Fields as protoc's text format spells bytes.
    var escaped: String { map { "\\" + String(repeating: "0", count: 3 - String($0, radix: 8).count) + String($0, radix: 8) }.joined() }
}

extension Event {
    var textFormat: String {
        func quoted(_ text: String) -> String { "\"\(Array(text.utf8).escaped)\"" }
        let o = occurrence
        return """
            stream { source: \(quoted(stream.source.rawValue)) tenant: \(quoted(stream.tenant)) shard: \(stream.shard) epoch: "\(stream.epoch.bytes.escaped)" }
            seq: \(seq) previous: "\((previous?.bytes ?? []).escaped)" id: "\(o.id.bytes.escaped)" time: \(o.time.microseconds) type: \(quoted(o.type))
            actor { user_id: \(quoted(o.actor.userID)) username: \(quoted(o.actor.username)) principal: \(quoted(o.actor.principal)) method: \(quoted(o.actor.method)) }
            action: \(quoted(o.action)) outcome: \(o.outcome == .accepted ? "OUTCOME_ACCEPTED" : "OUTCOME_REFUSED") reason: \(quoted(o.reason))
            \(o.resource.map { "resource { type: \(quoted($0.type)) id: \(quoted($0.id)) }" } ?? "")
            request_id: \(quoted(o.requestID)) source_address: \(quoted(o.sourceAddress)) data: "\(o.data.escaped)" traceparent: \(quoted(o.traceparent))
            tracestate: \(quoted(o.tracestate))
            """
    }
}
