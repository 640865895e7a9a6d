import Contracts
import EventLog
import Foundation
import Kafka
import Testing

/// What ``PipelineTests`` and ``AttackerTests`` show with the mock cluster, with a real Kafka, and what only a real one can do.
@Suite(.serialized, .enabled(if: RealBroker.isAvailable, RealBroker.absence)) struct RealBrokerTests {
    @Test func `events arrive once and in order behind an attacker's, and kcat reads them`() async throws {
        try await RealBroker.withAny { brokers in
            let pipeline = try Pipeline(brokers: brokers, tenants: ["a", "b", "c"], limits: .kafka, ownPartitions: nil, partitions: 3)
            for _ in 0..<10 { for tenant in ["a", "b", "c"] { try await pipeline.write(100, tenant: tenant) } }
            #expect(try await pipeline.settles(within: 60))

            let head = try #require(await pipeline.source.heads.first { $0.stream.tenant == "a" })
            let seen = try await pipeline.source.events(of: head.stream, from: 1, to: 50, count: 50, bytes: 1 << 20).map(\.envelope)
            let forger = EventSigner(source: .notes, keyID: PlayedSource.keyID, key: [UInt8](repeating: 99, count: 32))
            let forged = try forger.sign(Event(stream: head.stream, seq: head.head + 1, previous: head.digest, occurrence: PlayedSource.occurrence()))
            let attacker = try Producer(ProducerConfiguration(brokers: brokers, clientID: "attacker"), log: .silent)
            let rubbish = seen.reversed() + [forged.envelope, [], [UInt8](repeating: 0, count: EventLimits.maximumBytes + 1)]
            for value in rubbish {
                try attacker.produce(topic: pipeline.topic, key: Array("a".utf8), value: value, tag: 1)
            }
            #expect(attacker.flush(milliseconds: 20_000).count == rubbish.count)
            for tenant in ["a", "b", "c"] { try await pipeline.write(100, tenant: tenant) }
            #expect(try await pipeline.settles(within: 60))

            let read = try await Kcat.read(pipeline.topic, brokers: brokers)
            #expect(read.count >= 3_300)
            #expect(read.allSatisfy { ["a", "b", "c"].contains($0.key) })
            #expect(read.count { $0.headers.contains("ce_type=strongroom.note.write.v1") } >= 3_300)
            await pipeline.stop()
        }
    }

    @Test(.enabled(if: RealBroker.script != nil, "a broker that is only named cannot be killed"))
    func `a broker killed in mid-stream costs nothing`() async throws {
        try await RealBroker.with { broker in
            let pipeline = try Pipeline(brokers: broker.brokers, tenants: ["a", "b"], limits: .kafka, ownPartitions: nil, partitions: 3)
            for _ in 0..<20 { try await pipeline.write(100, tenant: "a") }
            try await broker.kill()
            for _ in 0..<20 {
                try await pipeline.write(50, tenant: "a")
                try await pipeline.write(50, tenant: "b")
            }
            try await broker.start()
            try await pipeline.write(10, tenant: "b")
            #expect(try await pipeline.settles(within: 120))
            await pipeline.stop()
        }
    }

    @Test(.enabled(if: RealBroker.script != nil, "a broker that is only named cannot be killed"))
    func `one of three brokers lost costs nothing`() async throws {
        try await RealBroker.with(nodes: 3) { broker in
            let pipeline = try Pipeline(brokers: broker.brokers, tenants: ["a", "b"], limits: .kafka, ownPartitions: nil, partitions: 3)
            for _ in 0..<10 { try await pipeline.write(100, tenant: "a") }
            #expect(try await pipeline.settles(within: 60))
            try await broker.kill(node: 2)
            for _ in 0..<10 {
                try await pipeline.write(100, tenant: "a")
                try await pipeline.write(100, tenant: "b")
            }
            #expect(try await pipeline.settles(within: 120))
            await pipeline.stop()
        }
    }
}
