import Encodings
import Foundation
import Observability
import Synchronization
import Testing

@Suite struct LoggerTests {
    private final class Wakes: Sendable {
        let count = Atomic<Int>(0)
    }
    private let wakes = Wakes()
    private let buffer: LogBuffer
    private let log: Logger

    init() {
        let wakes = wakes
        buffer = LogBuffer(capacity: 4_096) { _ in wakes.count.add(1, ordering: .relaxed) }
        log = Logger(service: "notes", buffer: buffer) { Timestamp(seconds: 1_777_024_800) }
    }

    private func lines() -> [String] {
        String(decoding: buffer.take(), as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    @Test func aLineIsOneJSONObjectWithTheKeysInOrder() {
        log.info(
            "Request answered", .requestID(UUID(high: 1, low: 2)), .trace(TraceContext(random: (1, 2, 3))),
            .operation("/notes/{noteId}"), .status(200), .generation(-1), .enabled(true))
        #expect(
            lines() == [
                #"{"time":"2026-04-24T10:00:00.000000Z","level":"info","service":"notes","message":"Request answered","#
                    + #""requestId":"00000000-0000-0001-0000-000000000002","traceId":"00000000000000010000000000000002","#
                    + #""spanId":"0000000000000003","operation":"/notes/{noteId}","status":200,"generation":-1,"enabled":true}"#,
                "",
            ])
    }

    @Test(arguments: ["\"}\n{\"level\":\"error\"", "\\", "\u{0}\u{1f}\u{7f}\u{9b}31m", "ключ 🔑", "\r\n", "\u{2028}"])
    func whateverATextHoldsTheLineStaysOneLineOfValidJSON(_ text: String) throws {
        log.warning("Odd", .reason(text))
        let written = lines()
        #expect(written.count == 2)
        let object = try #require(JSONSerialization.jsonObject(with: Data(written[0].utf8)) as? [String: Any])
        #expect(object["reason"] as? String == text)
        #expect(object["level"] as? String == "warning")
        #expect(!written[0].unicodeScalars.contains { $0.properties.generalCategory == .control })
    }

    @Test func aLongTextIsCut() throws {
        log.error("Long", .reason(String(repeating: "é", count: 5_000)))
        let object = try #require(JSONSerialization.jsonObject(with: Data(lines()[0].utf8)) as? [String: Any])
        #expect((object["reason"] as? String)?.count == 1_025)
    }

    @Test func theWriterIsWokenOncePerBatch() {
        for _ in 0..<3 { log.info("One") }
        #expect(wakes.count.load(ordering: .relaxed) == 1)
        #expect(lines().count == 4)
        log.info("Two")
        #expect(wakes.count.load(ordering: .relaxed) == 2)
    }

    @Test func aWriterThatStandsStillCostsLinesNotMemory() {
        for _ in 0..<1_000 { log.info("Again") }
        let lines = buffer.take()
        #expect(lines.count < 4_096 + 200)
        #expect(lines.last == UInt8(ascii: "\n"))
        #expect(buffer.dropped > 900)
        let dropped = buffer.dropped
        log.info("Room again")
        #expect(!buffer.take(room: []).isEmpty && buffer.dropped == dropped)
    }

    @Test func lowerLevelsAreNotWritten() {
        log.debug("Fine detail")
        #expect(buffer.take().isEmpty)
    }
}
