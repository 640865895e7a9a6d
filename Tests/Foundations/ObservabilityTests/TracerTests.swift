import Encodings
import JSON
import Observability
import Testing

@Suite struct TracerTests {
    private let metrics = MetricsRegistry()
    private let root = TraceContext(random: (0x4bf9_2f35_77b3_4da6, 0xa3ce_929d_0e0e_4736, 0x00f0_67aa_0ba9_02b7))

    private func tracer(oneIn: Int = 1) -> Tracer {
        Tracer(
            oneIn: oneIn, dropped: metrics.counter("dropped_total", help: "Dropped."), now: { Timestamp(microseconds: 1_700_000_000_123_456) },
            random: { 0x0102_0304_0506_0708 })
    }

    @Test func `a span below another has its trace and an id of its own`() throws {
        let child = try #require(tracer().child(of: root))
        #expect(child.header == "00-4bf92f3577b34da6a3ce929d0e0e4736-0102030405060708-01")
    }

    @Test func `nothing is recorded below a span that is not`() {
        let unsampled = TraceContext(traceHigh: 1, traceLow: 2, span: 3, flags: 0)
        #expect(tracer().child(of: unsampled) == nil)
        #expect(tracer().child(of: nil) == nil)
    }

    @Test func `of the traces that begin here every so many are recorded`() {
        let tracer = tracer(oneIn: 4)
        #expect((0..<400).count { tracer.isSampled(traceLow: $0) } == 100)
    }

    @Test func `spans are taken in order, and what finds no room is counted`() {
        let tracer = tracer()
        for number in 0..<Tracer.capacity + 3 {
            tracer.record(root, parent: nil, kind: .server, name: "\(number)", microseconds: 1, attributes: [])
        }
        #expect(tracer.take(atMost: 2).map(\.name) == ["0", "1"])
        #expect(tracer.take(atMost: Tracer.capacity).map(\.name) == (2..<Tracer.capacity).map { "\($0)" })
        #expect(tracer.take(atMost: 1).isEmpty)
        #expect(metrics.counter("dropped_total", help: "Dropped.").value == 3)
    }

    @Test func `a span is written as the protocol's JSON says`() throws {
        let tracer = tracer()
        tracer.record(
            root, parent: 0xb7ad_6b71_6920_3331, kind: .server, name: "GET /notes/{noteId}", microseconds: 456,
            attributes: [.method("GET"), .status(503)], isFailure: true)
        let body = OTLPTraces(service: "notes", instance: "one").encode(tracer.take(atMost: 10))
        #expect(
            String(decoding: body, as: UTF8.self) == #"{"resourceSpans":[{"resource":{"attributes":["#
                + #"{"key":"service.namespace","value":{"stringValue":"strongroom"}},{"key":"service.name","value":{"stringValue":"notes"}},"#
                + #"{"key":"service.instance.id","value":{"stringValue":"one"}}]},"scopeSpans":[{"scope":{"name":"strongroom"},"spans":[{"#
                + #""traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7","parentSpanId":"b7ad6b7169203331","flags":769,"#
                + #""name":"GET /notes/{noteId}","kind":2,"startTimeUnixNano":"1700000000123000000","endTimeUnixNano":"1700000000123456000","#
                + #""attributes":[{"key":"http.request.method","value":{"stringValue":"GET"}},"#
                + #"{"key":"http.response.status_code","value":{"intValue":"503"}}],"status":{"code":2}}]}]}]}"#)
    }

    @Test func `a trace's first span has no parent, and what is all right no status`() throws {
        let tracer = tracer()
        tracer.record(root, parent: nil, kind: .client, name: "a \"name\"", microseconds: 0, attributes: [])
        let document = try JSON.parse(OTLPTraces(service: "notes", instance: "one").encode(tracer.take(atMost: 10)))
        let span = try #require(
            document.object?["resourceSpans"]?.array?.first?.object?["scopeSpans"]?.array?.first?.object?["spans"]?.array?.first?.object)
        #expect(span["parentSpanId"] == nil && span["status"] == nil)
        #expect(span["name"] == .string("a \"name\"") && span["flags"] == .number(JSONNumber(257)))
    }
}
