import Contracts
import Crypto
import Encodings
import EventLog
import Kafka
import Testing

/// Somebody who can write to the topic, and to nothing else.
@Suite struct AttackerTests {
    struct Attack {
        let broker: MockCluster
        let pipeline: Pipeline
        let producer: Producer

        init() async throws {
            broker = try MockCluster(log: .silent)
            pipeline = try Pipeline(brokers: broker.brokers, tenants: ["a", "b"], limits: RelayLimits(windowBytes: 1 << 20, resendAfter: 500))
            producer = try Producer(
                ProducerConfiguration(brokers: broker.brokers, clientID: "attacker", properties: [("message.max.bytes", "4000000")]), log: .silent)
            try await pipeline.write(20, tenant: "a")
            try await pipeline.write(20, tenant: "b")
            #expect(try await pipeline.settles())
        }

        func send(_ values: [[UInt8]], key: String = "a") {
            for value in values {
                #expect(throws: Never.self) { try producer.produce(topic: pipeline.topic, key: Array(key.utf8), value: value, tag: 1) }
            }
            let reports = producer.flush(milliseconds: 10_000)
            #expect(reports.count == values.count)
            #expect(reports.allSatisfy { $0.error == nil })
        }

        /// True events go on arriving, behind what the attacker wrote, and the log is still exactly what the source signed.
        func logIsUntouched() async throws -> Bool {
            try await pipeline.write(20, tenant: "a")
            try await pipeline.write(20, tenant: "b")
            return try await pipeline.settles()
        }

        func stop() async { await pipeline.stop() }
    }

    /// The newest events of tenant a, as they stand in the topic.
    func seen(_ attack: Attack) async throws -> [[UInt8]] {
        let head = try #require(await attack.pipeline.source.heads.first { $0.stream.tenant == "a" })
        return try await attack.pipeline.source.events(of: head.stream, from: 1, to: head.head, count: 100, bytes: 1 << 20).map(\.envelope)
    }

    @Test func `forged events are refused`() async throws {
        let attack = try await Attack()
        let head = try #require(await attack.pipeline.source.heads.first { $0.stream.tenant == "a" })
        let forger = EventSigner(source: .notes, keyID: PlayedSource.keyID, key: [UInt8](repeating: 99, count: 32))
        let stranger = EventSigner(source: .notes, keyID: "another", key: PlayedSource.key)
        let next = Event(stream: head.stream, seq: head.head + 1, previous: head.digest, occurrence: PlayedSource.occurrence())
        attack.send([try forger.sign(next).envelope, try stranger.sign(next).envelope])
        #expect(try await attack.logIsUntouched())
        #expect(Set(await attack.pipeline.log.refused.map(\.name)) == ["forged", "unknown-key"])
        await attack.stop()
    }

    @Test func `true events that are replayed, in any order, change nothing`() async throws {
        let attack = try await Attack()
        let seen = try await seen(attack)
        attack.send(seen + seen.reversed() + seen.shuffled())
        #expect(try await attack.logIsUntouched())
        #expect(await attack.pipeline.log.decisions[.conflict] == nil)
        await attack.stop()
    }

    @Test func `true events in a foreign tenant's partition go to their own log`() async throws {
        let attack = try await Attack()
        attack.send(try await seen(attack), key: "b")
        #expect(try await attack.logIsUntouched())
        await attack.stop()
    }

    @Test func `altered events are refused`() async throws {
        let attack = try await Attack()
        var altered: [[UInt8]] = []
        for (i, envelope) in try await seen(attack).enumerated() {
            var bytes = envelope
            bytes[bytes.count / 2 + i] ^= 0x20
            altered += [bytes, Array(envelope.dropLast(i + 1)), envelope + [0x0a, 0x00]]
        }
        attack.send(altered)
        #expect(try await attack.logIsUntouched())
        await attack.stop()
    }

    @Test func `an event of the source's future that was held back makes no hole`() async throws {
        let attack = try await Attack()
        // Committed, seen on the wire, and kept from the broker: the attacker shows the last one first.
        let events = try await attack.pipeline.source.write(5, tenant: "a")
        attack.send([events[4].envelope, events[2].envelope])
        #expect(try await attack.logIsUntouched())
        #expect(await attack.pipeline.log.decisions[.gap] ?? 0 > 0)
        await attack.stop()
    }

    @Test func `oversized and empty messages are refused and block nobody`() async throws {
        let attack = try await Attack()
        attack.send([
            [], [UInt8](repeating: 0, count: 1), [UInt8](repeating: 0x0a, count: 3_000_000),
            [UInt8](repeating: 0, count: EventLimits.maximumBytes + 1),
        ])
        #expect(try await attack.logIsUntouched())
        #expect(await attack.pipeline.log.refused.contains(.tooLarge))
        await attack.stop()
    }

    @Test func `a flood of rubbish only costs time`() async throws {
        let attack = try await Attack()
        attack.send((0..<20_000).map { [UInt8(truncatingIfNeeded: $0), 2, 3, 4, 5] })
        #expect(try await attack.logIsUntouched())
        #expect(await attack.pipeline.log.refused.count >= 20_000)
        await attack.stop()
    }
}
