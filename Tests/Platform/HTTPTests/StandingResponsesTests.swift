import Synchronization
import Testing
import Transport

@testable import HTTP

@Suite struct StandingResponsesTests {
    private actor Connection: ServedConnection {
        nonisolated let loop: EventLoop
        private nonisolated let aborted = Atomic(false)
        nonisolated var isAborted: Bool { aborted.load(ordering: .relaxed) }

        init(_ loop: EventLoop) { self.loop = loop }

        func run() {}
        func closeIfIdle() {}
        nonisolated func close() {}
        nonisolated func abort() { aborted.store(true, ordering: .relaxed) }
    }

    private func withConnections(_ count: Int, _ body: ([Connection]) -> Void) {
        let loops = LoopGroup.start(count: 1)
        defer { loops.stop() }
        body((0..<count).map { _ in Connection(loops.current) })
    }

    @Test func `beyond twice the limit the greediest loses at once, within it what has stood for a while`() {
        withConnections(3) { connections in
            var standing = StandingResponses(.init(limit: 100))
            standing.set(90, of: 0, for: connections[0], at: 10_000)
            standing.set(70, of: 0, for: connections[1], at: 10_000)
            standing.shed(at: 10_999)
            #expect(!connections.contains { $0.isAborted }, "it isn't told yet who is slow")
            standing.set(60, of: 0, for: connections[2], at: 10_999)
            #expect(connections.map(\.isAborted) == [true, false, false])
            standing.shed(at: 11_000)
            #expect(connections.map(\.isAborted) == [true, true, false])
        }
    }

    @Test func `who has most and has only just begun shields nobody who has stood`() {
        withConnections(3) { connections in
            var standing = StandingResponses(.init(limit: 100))
            standing.set(70, of: 0, for: connections[0], at: 10_000)
            standing.set(20, of: 0, for: connections[1], at: 10_000)
            standing.set(80, of: 0, for: connections[2], at: 10_500)
            standing.shed(at: 11_000)
            #expect(connections.map(\.isAborted) == [true, false, false])
        }
    }

    @Test func `what a connection holds is what it was last said to, and counts from its beginning`() {
        withConnections(2) { connections in
            var standing = StandingResponses(.init(limit: 100))
            for bytes in 1...150 { standing.set(bytes, of: 0, for: connections[0], at: 1_000 + UInt64(bytes)) }
            standing.set(40, of: 0, for: connections[1], at: 1_000)
            standing.shed(at: 2_001)
            #expect(connections.map(\.isAborted) == [true, false])
            standing.remove(ObjectIdentifier(connections[1]))
            #expect(standing.isEmpty)
        }
    }

    @Test func `an owner's connections count together`() {
        withConnections(3) { connections in
            var standing = StandingResponses(.init(limit: 100))
            standing.set(60, of: 1, for: connections[0], at: 0)
            for connection in connections[1...] { standing.set(40, of: 2, for: connection, at: 0) }
            standing.shed(at: 5_000)
            #expect(connections.map(\.isAborted).filter { $0 }.count == 1 && !connections[0].isAborted)
        }
    }

    @Test func `who has most changes as connections go`() {
        withConnections(11) { connections in
            var standing = StandingResponses(.init(limit: 100))
            for connection in connections[1...] { standing.set(10, of: 1, for: connection, at: 0) }
            standing.set(99, of: 2, for: connections[0], at: 0)
            standing.shed(at: 5_000)
            #expect(connections[0].isAborted && connections[1...].count { $0.isAborted } == 1)
        }
    }

    @Test func `who has little loses nothing for who has much on another loop`() {
        withConnections(4) { connections in
            let total = StandingResponses.Total(limit: 100)
            var (here, there) = (StandingResponses(total), StandingResponses(total))
            there.set(190, of: 0, for: connections[0], at: 0)
            for connection in connections[1...] { here.set(10, of: 0, for: connection, at: 0) }
            here.shed(at: 5_000)
            #expect(!connections.contains { $0.isAborted })
            there.shed(at: 5_000)
            #expect(connections.map(\.isAborted) == [true, false, false, false])
        }
    }
}
