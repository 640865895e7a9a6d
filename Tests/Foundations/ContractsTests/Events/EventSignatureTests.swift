import Contracts
import Crypto
import Testing

@Suite struct EventSignatureTests {
    let notes = EventSigner(source: .notes, keyID: "notes-1", key: Array(repeating: 1, count: 32))
    let verifier = EventVerifier(keys: [
        (.notes, "notes-1", Array(repeating: 1, count: 32)), (.notes, "notes-2", Array(repeating: 2, count: 32)),
        (.identity, "identity-1", Array(repeating: 3, count: 32)),
    ])

    func event(_ seed: UInt64 = 1, source: ServiceName = .notes) -> Event {
        var generator = GeneratedEvents(seed: seed)
        var event = generator.event()
        event.stream.source = source
        return event
    }

    @Test func `what a source signs verifies, and is the event it was`() throws {
        let signed = try notes.sign(event())
        let verified = try verifier.verify(signed.envelope.span)
        #expect(verified.digest == signed.digest)
        #expect(verified.digest == SHA256.hash(verified.event.span))
        #expect(try Event(verified.event.span) == event())
        #expect(try verified.stream() == event().stream)
        #expect(verified.previous == event().previous)
    }

    @Test func `no flipped bit of the event or of its code verifies`() throws {
        let signed = try notes.sign(event())
        for i in signed.envelope.indices {
            for bit in 0..<8 {
                var envelope = signed.envelope
                envelope[i] ^= 1 << UInt8(bit)
                // A flip in the framing may move the parts, never change what is believed.
                if let verified = try? verifier.verify(envelope.span) { #expect(verified.digest == signed.digest) }
            }
        }
    }

    @Test func `a code is good under its own key only`() throws {
        let other = EventSigner(source: .notes, keyID: "notes-1", key: Array(repeating: 9, count: 32))
        #expect(throws: EventError.forged) { try verifier.verify(other.sign(event()).envelope.span) }
        let unknown = EventSigner(source: .notes, keyID: "notes-9", key: Array(repeating: 1, count: 32))
        #expect(throws: EventError.unknownKey) { try verifier.verify(unknown.sign(event()).envelope.span) }
        let next = EventSigner(source: .notes, keyID: "notes-2", key: Array(repeating: 2, count: 32))
        #expect(throws: Never.self) { try verifier.verify(next.sign(event()).envelope.span) }
    }

    @Test func `keys are replaced while they are used: the next event is under the new one, and old ones verify until they are taken away`() throws {
        let old = try notes.sign(event()).envelope
        notes.use(keyID: "notes-3", key: Array(repeating: 4, count: 32))
        let new = try notes.sign(event()).envelope
        #expect(throws: EventError.unknownKey) { try verifier.verify(new.span) }
        verifier.use(keys: [(.notes, "notes-1", Array(repeating: 1, count: 32)), (.notes, "notes-3", Array(repeating: 4, count: 32))])
        #expect(try verifier.verify(old.span).digest == verifier.verify(new.span).digest)
        verifier.use(keys: [(.notes, "notes-3", Array(repeating: 4, count: 32))])
        #expect(throws: EventError.unknownKey) { try verifier.verify(old.span) }
        #expect(throws: Never.self) { try verifier.verify(new.span) }
    }

    @Test func `a source cannot speak for another`() throws {
        #expect(throws: EventError.foreignSource) { try notes.sign(event(source: .identity)) }
        let thief = EventSigner(source: .identity, keyID: "notes-1", key: Array(repeating: 1, count: 32))
        #expect(throws: EventError.foreignSource) { try verifier.verify(thief.sign(event(source: .identity)).envelope.span) }
    }

    @Test func `too much is refused before it is looked at`() {
        #expect(throws: EventError.tooLarge) { try verifier.verify([UInt8](repeating: 0, count: EventLimits.maximumBytes + 1).span) }
        var large = event()
        large.occurrence.data = [UInt8](repeating: 0, count: EventLimits.maximumBytes)
        #expect(throws: EventError.tooLarge) { try notes.sign(large) }
    }

    @Test func `an empty envelope is nobody's`() {
        let nothing: [UInt8] = []
        #expect(throws: EventError.unknownKey) { try verifier.verify(nothing.span) }
    }
}
