import Encodings
import Testing

@testable import Observability

@Suite struct RequestEventTests {
    private let metrics = MetricsRegistry()

    private func line(of event: RequestEvent, bytesOut: Int? = nil) -> String {
        let buffer = LogBuffer { _ in }
        Logger(service: "notes", buffer: buffer, now: { .epoch }).write(
            .info, "Request answered", event, status: 404, durationMicroseconds: 12, bytesOut: bytesOut)
        return String(decoding: buffer.take(), as: UTF8.self)
    }

    private func event() -> RequestEvent {
        RequestEvent(requestID: UUID(high: 1, low: 2), trace: TraceContext(random: (1, 2, 3)), method: "GET")
    }

    @Test func `A line has its fields in one order, and the pattern, escaped, where there is one`() {
        let start =
            #"{"time":"1970-01-01T00:00:00.000000Z","level":"info","service":"notes","message":"Request answered","#
            + #""requestId":"00000000-0000-0001-0000-000000000002","traceId":"00000000000000010000000000000002","spanId":"0000000000000003","#
        #expect(line(of: event()) == start + #""method":"GET","status":404,"durationUs":12}"# + "\n")
        let matched = event()
        matched.match(#"/a"b/{c}"#, countedBy: metrics.route("GET", "others"))
        matched.add(.tenant("t"), .user("u"))
        #expect(
            line(of: matched, bytesOut: 0) == start
                + #""method":"GET","route":"/a\"b/{c}","tenant":"t","user":"u","status":404,"durationUs":12,"bytesOut":0}"# + "\n")
    }

    @Test func `The first to say what a request is counted by is believed`() {
        let (first, second) = (metrics.route("GET", "/first"), metrics.route("GET", "/second"))
        let matched = event()
        matched.match("/first", countedBy: first)
        matched.match("/second", countedBy: second)
        matched.count(by: second)
        #expect(matched.route === first && line(of: matched).contains(#""route":"/first""#))
        let counted = event()
        counted.count(by: first)
        counted.match("/second", countedBy: second)
        #expect(counted.route === first && !line(of: counted).contains(#""route""#))
    }
}
