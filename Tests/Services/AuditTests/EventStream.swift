import Contracts
import Crypto
import Encodings

/// A source's stream, as the notes service would sign it.
struct EventStream {
    static let keyID = "test"
    static let key = [UInt8](repeating: 9, count: 32)
    static let tenant = "us-east-1_Alpha"

    let stream: StreamID
    private let signer: EventSigner
    private(set) var seq: UInt64 = 0
    private var previous: SHA256Digest?

    init(tenant: String = tenant, shard: UInt32 = 0, epoch: UInt64 = 1, keyID: String = keyID, key: [UInt8] = key) {
        stream = StreamID(source: .notes, tenant: tenant, shard: shard, epoch: UUID(high: 0x0189_0a5d_ac96_774b, low: 0xbcce_b302_0000_0000 + epoch))
        signer = EventSigner(source: .notes, keyID: keyID, key: key)
    }

    static var verifier: EventVerifier { EventVerifier(keys: [(.notes, keyID, key)]) }

    var position: StreamPosition { StreamPosition(stream: stream, seq: seq) }

    static func note(_ number: Int) -> UUID { UUID(high: 0x0190_0000_0000_7000 + UInt64(number) << 16, low: 0x8000_0000_0000_0000 + UInt64(number)) }

    /// The next event's envelope.
    mutating func next(
        user: String = "ada", note: Int? = 1, action: String = EventAction.createNote, outcome: EventOutcome = .accepted, at second: Int = 0,
        source: String = "192.0.2.7", type: String = EventType.noteWrite, data: [UInt8]? = nil, principal: String = ""
    ) throws -> [UInt8] {
        seq += 1
        let occurrence = Occurrence(
            id: UUID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0000 + seq), time: Self.time(second), type: type,
            actor: EventActor(userID: user, username: "\(user)@example.com", principal: principal, method: "jwt"), action: action,
            outcome: outcome, reason: outcome == .refused ? EventReason.notFound : "",
            resource: note.map { EventResource(type: EventResource.note, id: Self.note($0).description) }, requestID: "r-\(seq)",
            sourceAddress: source, data: data ?? NoteWrite(version: seq, contentDigest: [1, 2, 3]).encoded())
        let signed = try signer.sign(Event(stream: stream, seq: seq, previous: previous, occurrence: occurrence))
        previous = signed.digest
        return signed.envelope
    }

    static func time(_ second: Int) -> Timestamp { Timestamp(seconds: 1_777_000_000 + Int64(second)) }
}
