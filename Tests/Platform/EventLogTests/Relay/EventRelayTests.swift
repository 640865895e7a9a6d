import Contracts
import Encodings
import EventLog
import Kafka
import Observability
import Testing
import Transport

@Suite struct EventRelayTests {
    /// Lists its streams, and holds the answer back until it is let go.
    private struct SlowSource: OutboxSource {
        let played: PlayedSource
        let listed = AsyncStream.makeStream(of: Void.self)
        let release = AsyncStream.makeStream(of: Void.self)

        func pendingStreams() async throws(OutboxSourceError) -> (streams: [StreamHead], unreadable: Int) {
            let heads = await played.heads
            listed.continuation.yield()
            for await _ in release.stream { break }
            return (heads, 0)
        }

        func events(
            of stream: StreamID, from: UInt64, to: UInt64, count: Int, bytes: Int
        ) async throws(OutboxSourceError) -> [CommittedEvent] {
            try await played.events(of: stream, from: from, to: to, count: count, bytes: bytes)
        }

        func confirm(_ marks: [StreamMark]) async -> [StreamMark] { await played.confirm(marks) }
    }

    /// Has none of the events, and tells of whose it was asked.
    private struct EmptyLog: MarksClient {
        let questions = AsyncStream.makeStream(of: Set<String>.self)

        func marks(_ request: MarksRequest) async throws -> MarksResponse {
            questions.continuation.yield(Set(request.streams.map(\.stream.tenant)))
            return MarksResponse(marks: request.streams.map { StreamMark(stream: $0.stream, mark: 0) })
        }
    }

    @Test func `a tenant that is deleted while outboxes are listed is not taken up again`() async throws {
        let source = SlowSource(played: try PlayedSource(tenants: ["gone", "kept", "new"]))
        for tenant in ["gone", "kept"] { _ = try await source.played.write(3, tenant: tenant) }
        let log = EmptyLog()
        let loop = EventLoop.start(name: "relay")
        let relay = EventRelay(
            source: source, marks: log,
            configuration: RelayConfiguration(
                producer: ProducerConfiguration(brokers: "127.0.0.1:1", clientID: "test"), topic: "events", limits: .embeddedBroker, marksInterval: 10
            ),
            loop: loop, log: Logger(service: "test", buffer: LogBuffer { _ in }, now: { .epoch }), metrics: RelayMetrics(MetricsRegistry()))
        let running = loop.spawn { try? await relay.run() }
        for await _ in source.listed.stream { break }
        relay.forget(tenant: "gone")
        relay.committed(try await source.played.write(1, tenant: "new"))
        // Once this one is asked for, what came before it has been heard, too.
        for await tenants in log.questions.stream where tenants.contains("new") { break }
        source.release.continuation.yield()
        for await tenants in log.questions.stream where tenants.contains("kept") {
            #expect(tenants == ["kept", "new"])
            break
        }
        running.cancel()
        await running.value
        loop.stop()
    }
}
