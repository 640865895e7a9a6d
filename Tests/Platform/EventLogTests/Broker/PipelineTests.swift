import Contracts
import EventLog
import Kafka
import Testing

@Suite struct PipelineTests {
    @Test func `every committed event is in the log once and in its order`() async throws {
        let broker = try MockCluster(log: .silent)
        let pipeline = try Pipeline(brokers: broker.brokers, tenants: ["a", "b", "c"])
        for _ in 0..<20 { for tenant in ["a", "b", "c"] { try await pipeline.write(17, tenant: tenant) } }
        #expect(try await pipeline.settles())
        await pipeline.stop()
    }

    @Test func `a file that takes no marks holds up no other's, and gets its own when it can`() async throws {
        let broker = try MockCluster(log: .silent)
        let pipeline = try Pipeline(brokers: broker.brokers, tenants: ["a", "b", "c"])
        await pipeline.source.setWritable(false, tenant: "b")
        for _ in 0..<3 { for tenant in ["a", "b", "c"] { try await pipeline.write(5, tenant: tenant) } }
        #expect(try await pipeline.settles())
        #expect(try await marks(of: ["a": 15, "c": 15], in: pipeline.source))
        #expect(await pipeline.source.confirmed.keys.allSatisfy { $0.tenant != "b" })
        await pipeline.source.setWritable(true, tenant: "b")
        #expect(try await marks(of: ["a": 15, "b": 15, "c": 15], in: pipeline.source))
        await pipeline.stop()
    }

    /// Whether the source comes to hold these marks.
    private func marks(of wanted: [String: UInt64], in source: PlayedSource) async throws -> Bool {
        for _ in 0..<3_000 {
            let marks = await source.confirmed
            if wanted.allSatisfy({ tenant, mark in marks.contains { $0.key.tenant == tenant && $0.value == mark } }) { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return false
    }

    @Test func `a group that shares the partitions reads them all`() async throws {
        let broker = try MockCluster(log: .silent)
        let pipeline = try Pipeline(brokers: broker.brokers, tenants: ["a", "b"], ownPartitions: nil)
        try await pipeline.write(40, tenant: "a")
        try await pipeline.write(40, tenant: "b")
        #expect(try await pipeline.settles())
        await pipeline.stop()
    }

    @Test func `more than a window holds is delivered window by window`() async throws {
        let broker = try MockCluster(log: .silent)
        let pipeline = try Pipeline(brokers: broker.brokers, tenants: ["a"], limits: RelayLimits(windowBytes: 20_000, readEvents: 30))
        try await pipeline.write(3_000, tenant: "a")
        #expect(try await pipeline.settles())
        await pipeline.stop()
    }

    @Test func `a broker that goes and comes back costs nothing`() async throws {
        let broker = try MockCluster(log: .silent)
        let pipeline = try Pipeline(brokers: broker.brokers, tenants: ["a"], limits: RelayLimits(windowBytes: 1 << 20, resendAfter: 500))
        try await pipeline.write(10, tenant: "a")
        try broker.setBroker(1, isUp: false)
        try await pipeline.write(500, tenant: "a")
        try await Task.sleep(for: .milliseconds(300))
        try broker.setBroker(1, isUp: true)
        try await pipeline.write(10, tenant: "a")
        #expect(try await pipeline.settles())
        await pipeline.stop()
    }

    @Test func `a producer that turned fatal is replaced, and nothing is missing`() async throws {
        let broker = try MockCluster(log: .silent)
        let pipeline = try Pipeline(brokers: broker.brokers, tenants: ["a"], limits: RelayLimits(windowBytes: 1 << 20, resendAfter: 500))
        try await pipeline.write(50, tenant: "a")
        #expect(try await pipeline.settles())
        // 45 is OUT_OF_ORDER_SEQUENCE_NUMBER, 59 UNKNOWN_PRODUCER_ID.
        broker.failProduce(codes: [45, 59])
        for _ in 0..<10 { try await pipeline.write(50, tenant: "a") }
        #expect(try await pipeline.settles())
        await pipeline.stop()
    }
}
