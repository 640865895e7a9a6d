import Contracts
import Crypto
import EventLog
import Kafka

/// An audit log in memory, with the verifier and the machine that ship.
actor PlayedLog: EventSink, MarksClient {
    private let verifier = EventVerifier(keys: [(.notes, PlayedSource.keyID, PlayedSource.key)])
    private var machine = AuditMachine()
    private(set) var rows: [StreamID: [SHA256Digest]] = [:]
    private(set) var refused: [EventError] = []
    private(set) var decisions: [AuditDecision: Int] = [:]
    private let source: PlayedSource

    init(source: PlayedSource) { self.source = source }

    func receive(_ batch: RecordBatch) async throws {
        for i in 0..<batch.count { store(batch.value(i)) }
        for replay in machine.startReplays(now: 0) {
            let events = try await source.events(of: replay.stream, from: replay.from, to: replay.to, count: 10_000, bytes: 1 << 30)
            for event in events { store(event.envelope) }
            machine.endReplay(replay, head: replay.to, now: 0)
        }
    }

    private func store(_ envelope: [UInt8]) {
        do throws(EventError) {
            let event = try verifier.verify(envelope)
            let stream = try event.stream()
            let stored = rows[stream] ?? []
            let decision = machine.receive(stream, seq: event.fields.seq, previous: event.previous, digest: event.digest) { stored[Int($0) - 1] }
            decisions[decision, default: 0] += 1
            if decision == .append { rows[stream, default: []].append(event.digest) }
        } catch {
            refused.append(error)
        }
    }

    func marks(_ request: MarksRequest) -> MarksResponse {
        MarksResponse(marks: request.streams.map { StreamMark(stream: $0.stream, mark: machine.mark(of: $0.stream)) })
    }

    func holdsAll(_ heads: [StreamHead]) -> Bool { heads.allSatisfy { machine.mark(of: $0.stream) == $0.head } }

    /// Whether the log is exactly what the source signed.
    func equals(_ source: PlayedSource) async throws -> Bool {
        for head in await source.heads {
            let events = try await source.events(of: head.stream, from: 1, to: head.head, count: .max, bytes: .max)
            let digests = try events.map { try verifier.verify($0.envelope).digest }
            guard rows[head.stream] ?? [] == digests, digests.count == head.head else { return false }
        }
        return rows.count == (await source.heads.filter { $0.head > 0 }.count)
    }
}
