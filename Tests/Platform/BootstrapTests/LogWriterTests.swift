import Bootstrap
import Dispatch
import Observability
import Synchronization
import Testing

@Suite struct LogWriterTests {
    private final class Written: Sendable {
        let bytes = Mutex<[UInt8]>([])
    }

    @Test func linesFromManyThreadsArriveWholeAndOnce() async throws {
        let written = Written()
        let writer = try LogWriter { batch in written.bytes.withLock { $0 += batch } }
        let log = Logger(service: "notes", buffer: writer.buffer, now: WallClock.system.now)
        await withTaskGroup(of: Void.self) { group in
            for attempt in 0..<8 {
                group.addTask { for count in 0..<100 { log.info("Line", .attempt(attempt), .count(count)) } }
            }
        }
        await writer.flush()
        let lines = String(decoding: written.bytes.withLock { $0 }, as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 800)
        #expect(lines.allSatisfy { $0.hasPrefix("{\"time\":") && $0.hasSuffix("}") })
    }

    @Test func aReaderThatStandsStillKeepsNobodyFromEnding() async throws {
        let reader = DispatchSemaphore(value: 0)
        let writer = try LogWriter { _ in reader.wait() }
        Logger(service: "notes", buffer: writer.buffer, now: WallClock.system.now).info("Line")
        await writer.flush(within: .milliseconds(50))
        reader.signal()
        await writer.flush()
    }

    @Test func theLastLinesAreWrittenAlsoOfWhatFails() async throws {
        struct Broken: Error {}
        let written = Written()
        await #expect(throws: Broken.self) {
            try await LogWriter { batch in written.bytes.withLock { $0 += batch } }.flushing { buffer in
                Logger(service: "notes", buffer: buffer, now: WallClock.system.now).info("Last")
                throw Broken()
            }
        }
        #expect(String(decoding: written.bytes.withLock { $0 }, as: UTF8.self).contains(#""Last""#))
    }
}
