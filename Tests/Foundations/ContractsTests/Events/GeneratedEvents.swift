import Contracts
import Crypto
import Encodings

/// Events with every mixture of present, absent, short, long and non-ASCII fields, from a seed.
struct GeneratedEvents {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func number(upTo limit: UInt64) -> UInt64 { next() % (limit + 1) }

    mutating func text(atMost limit: Int, atLeast least: Int = 0) -> String {
        let alphabet = Array("abcXYZ019 .-_/\"\\\n\u{e9}\u{4e2d}\u{1f511}")
        var text = ""
        let count = least + Int(number(upTo: UInt64(limit - least)))
        while text.utf8.count + 4 <= count || text.utf8.count < least { text.append(alphabet[Int(number(upTo: UInt64(alphabet.count - 1)))]) }
        return text
    }

    mutating func bytes(atMost limit: UInt64) -> [UInt8] { (0..<number(upTo: limit)).map { _ in UInt8(truncatingIfNeeded: next()) } }

    mutating func uuid() -> UUID { UUID.v7(at: Timestamp(milliseconds: Int64(number(upTo: 1 << 41))), random: (next(), next())) }

    mutating func event() -> Event {
        let seq = number(upTo: 2) == 0 ? 1 : 2 + number(upTo: UInt64(Int64.max) - 2)
        return Event(
            stream: StreamID(
                source: ServiceName.allCases[Int(number(upTo: 4))], tenant: text(atMost: 60, atLeast: 1),
                shard: UInt32(number(upTo: 3)) &* 1_431_655_765,
                epoch: uuid()),
            seq: seq, previous: seq == 1 ? nil : SHA256.hash(bytes(atMost: 9).span), occurrence: occurrence())
    }

    mutating func occurrence() -> Occurrence {
        Occurrence(
            id: uuid(), time: Timestamp(microseconds: Int64(bitPattern: next()) >> Int64(number(upTo: 40))), type: text(atMost: 128, atLeast: 1),
            actor: EventActor(
                userID: text(atMost: 40), username: text(atMost: 900), principal: text(atMost: 90), method: text(atMost: 9)),
            action: text(atMost: 30, atLeast: 1), outcome: number(upTo: 1) == 0 ? .accepted : .refused, reason: text(atMost: 20),
            resource: number(upTo: 1) == 0 ? nil : EventResource(type: text(atMost: 10), id: text(atMost: 40)), requestID: text(atMost: 40),
            sourceAddress: text(atMost: 40), data: bytes(atMost: 300), traceparent: text(atMost: 55),
            tracestate: text(atMost: 512))
    }
}
