import Testing
import Transport

/// Posted bytes leave at the end of a turn; what is written, shut down or closed after them may not overtake them.
@Suite struct PostingTests {
    /// One end of a connection.
    actor End: OnLoop {
        nonisolated let loop: EventLoop
        private let stream: Transport.Stream

        init(_ stream: Transport.Stream) {
            loop = stream.loop
            self.stream = stream
            stream.deadline = loop.now + 60_000
        }

        func post(_ lines: [String]) throws -> Int {
            for (index, line) in lines.enumerated() where try !stream.post(Array(line.utf8)) { return index }
            return lines.count
        }

        func write(_ text: String) async throws { try await stream.write(Array(text.utf8)) }
        func write(_ first: String, _ second: String) async throws { try await stream.write(Array(first.utf8), Array(second.utf8)) }

        /// In one turn.
        func postAndClose(_ text: String) throws {
            #expect(try stream.post(Array(text.utf8)))
            stream.close()
        }

        func postAndShutDown(_ text: String) throws {
            #expect(try stream.post(Array(text.utf8)))
            stream.shutdownWrite()
        }

        func readAll() async throws -> String {
            var bytes: [UInt8] = []
            repeat {
                stream.withUnread { unread in for index in unread.indices { bytes.append(unread[index]) } }
                stream.consume(stream.unreadCount)
            } while try await stream.fill()
            stream.close()
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    private func withPair(_ body: (_ here: End, _ there: End) async throws -> Void) async throws {
        let loops = LoopGroup.start(count: 2, name: "test")
        let accepted = AsyncStream.makeStream(of: End.self)
        let listener = try await Listener(.loopback(port: 0), on: loops) { accepted.continuation.yield(End($0)) }
        let loop = loops.loops[0]
        let here = try await Task(executorPreference: loop) { try await Self.connect(listener.address, loop) }.value
        var iterator = accepted.stream.makeAsyncIterator()
        try await body(here, #require(await iterator.next()))
        listener.close()
        loops.stop()
    }

    @concurrent private static func connect(_ address: SocketAddress, _ loop: EventLoop) async throws -> End {
        End(try await Transport.Stream.connect(to: address, on: loop))
    }

    @Test func `what is posted and what is written arrive in their order, also at a peer that reads late`() async throws {
        try await withPair { here, there in
            let lines = (0..<40_000).map { "line \($0) \(String(repeating: "x", count: 200))\n" }
            var next = 0
            // Nobody reads yet, so there comes a line that isn't taken.
            while next < lines.count {
                let taken = try await here.post(Array(lines[next..<min(next + 40, lines.count)]))
                next += taken
                if taken < 40 { break }
            }
            let refused = next
            #expect(refused < lines.count)
            async let received = there.readAll()
            try await here.write(lines[next])
            try await here.write(lines[next + 1], lines[next + 2])
            next += 3
            let last = lines.count - 1
            while next < last {
                let taken = try await here.post(Array(lines[next..<min(next + 40, last)]))
                next += taken
                if taken < 40, next < last {
                    try await here.write(lines[next])
                    next += 1
                }
            }
            // Waits for a reader that is slow, so that there is room for what is posted after it.
            try await here.write(lines[last])
            try await here.postAndShutDown("the end")
            #expect(try await received == lines.joined() + "the end")
        }
    }

    @Test func `what is posted before a close arrives`() async throws {
        try await withPair { here, there in
            try await here.postAndClose("goodbye")
            #expect(try await there.readAll() == "goodbye")
        }
    }
}
