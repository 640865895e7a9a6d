import HTTP2Frames
import Testing

@testable import HTTP

@Suite("A header block as a request")
struct RequestTranslationTests {
    private static let ordinary = [(":method", "GET"), (":scheme", "https"), (":authority", "a.test"), (":path", "/p?q")]

    private func block(_ fields: [(String, String)]) -> FieldBlock {
        var block = FieldBlock()
        for (name, value) in fields { block.add(name.utf8.span, value.utf8.span) }
        return block
    }

    private func head(_ fields: [(String, String)], hasBody: Bool = false, limits: HeadLimits = HeadLimits()) throws(ParseError) -> RequestHead {
        try RequestTranslation(block(fields), limits: limits).head(scheme: "https", hasBody: hasBody)
    }

    @Test func `it is what HTTP/1.1 would have brought`() throws {
        let head = try head(Self.ordinary + [("x-a", "b"), ("cookie", "c=1"), ("x-c", ""), ("cookie", "d=2")])
        #expect(
            String(decoding: head.headers.bytes, as: UTF8.self)
                == "GET /p?q HTTP/1.1\r\nhost: a.test\r\nx-a: b\r\nx-c: \r\ncookie: c=1; d=2\r\n\r\n")
        #expect(head.target == "/p?q")
        #expect(head.framing == .none)
        #expect(head.keepsAlive)
    }

    @Test func `a body has the length that is announced, or ends with its stream`() throws {
        #expect(try head(Self.ordinary + [("content-length", "12")], hasBody: true).framing == .length(12))
        #expect(try head(Self.ordinary, hasBody: true).framing == .chunked)
        #expect(try head(Self.ordinary + [("content-length", "0")], hasBody: true).framing == .none)
    }

    @Test func `Host stands in for an authority, and may repeat it`() throws {
        let withoutAuthority = Self.ordinary.filter { $0.0 != ":authority" }
        #expect(try head(withoutAuthority + [("host", "b.test")]).headers[.host] == "b.test")
        #expect(try head(Self.ordinary + [("host", "A.test")]).headers.count(of: .host) == 1)
        #expect(throws: ParseError.host) { try head(Self.ordinary + [("host", "b.test")]) }
        #expect(throws: ParseError.host) { try head(withoutAuthority) }
        #expect(throws: ParseError.host) { try head(withoutAuthority + [("host", "a"), ("host", "a")]) }
    }

    /// nghttp2 refuses most of these itself; here nothing rests on that.
    @Test(arguments: [
        (":path", "/p HTTP/1.1\r\nx: y\r\n"), (":path", "/p\nx"), (":path", "/p x"), (":path", "/p\0"), (":path", ""), (":path", "p"),
        (":path", "https://a.test/p"), (":path", "*"), (":path", "/p#f"), (":method", "GET /o"), (":method", "GET\r\nx: y"), (":method", ""),
        (":authority", "a.test\r\nx: y"), (":authority", "a b"), (":authority", "u@a"), (":scheme", "http"), (":scheme", ""), (":unknown", "x"),
    ])
    func `pseudo-header fields make no line of their own`(name: String, value: String) {
        let fields = Self.ordinary.map { $0.0 == name ? (name, value) : $0 }
        #expect(throws: ParseError.self) { try head(name == ":unknown" ? fields + [(name, value)] : fields) }
    }

    @Test(arguments: [
        ("x-a", "b\r\nx-c: d"), ("x-a", "b\0"), ("x-a", " b"), ("x-a", "b\t"), ("x a", "b"), ("x-a:", "b"), ("", "b"), ("x-a\r\ny", "b"),
        ("connection", "close"), ("keep-alive", "1"), ("proxy-connection", "x"), ("upgrade", "h2c"), ("transfer-encoding", "chunked"), ("te", "gzip"),
        (":path", "/q"), (":authority", "a.test"),
    ])
    func `nor do fields, and none manages the connection`(name: String, value: String) {
        #expect(throws: ParseError.self) { try head(Self.ordinary + [(name, value)]) }
    }

    @Test func `the limits are those of HTTP/1.1`() {
        #expect(throws: ParseError.tooLarge) { try head(Self.ordinary + [("x-a", String(repeating: "b", count: 10_240))]) }
        #expect(throws: ParseError.tooManyFields) { try head(Self.ordinary + (0..<110).map { ("x-\($0)", "y") }) }
    }

    @Test func `trailers neither frame nor route`() throws {
        let good = try RequestTranslation(block([("x-sum", "1")]), limits: HeadLimits()).trailers()
        #expect(good["x-sum"] == "1")
        for name in ["content-length", "host", "authorization", "te"] {
            #expect(throws: ParseError.self) { try RequestTranslation(block([(name, "1")]), limits: HeadLimits()).trailers() }
        }
    }
}

@Suite("Patience with nuisances")
struct FloodGaugeTests {
    @Test func `a flood is noticed, whatever time it takes`() {
        var gauge = FloodGauge(now: 0)
        var count = 0
        while !gauge.note(nuisances: 1, now: 0) { count += 1 }
        #expect(count == 1_000)
        var slow = FloodGauge(now: 0)
        var second: UInt64 = 0
        while second < 1_000, !slow.note(nuisances: 60, now: second * 1_000) { second += 1 }
        #expect(second < 1_000)
    }

    @Test func `what comes with being served is none`() {
        var gauge = FloodGauge(now: 0)
        var floods = 0
        for _ in 0..<100_000 {
            gauge.noteRequest()
            gauge.noteSent(16_384)
            if gauge.note(nuisances: 3, now: 0) { floods += 1 }
        }
        #expect(floods == 0)
    }

    @Test func `patience comes back, but is not saved up`() {
        var gauge = FloodGauge(now: 0)
        var floods: [Bool] = []
        for (count, now) in [(1_000, 0), (1, 999), (40, 1_000_000_000), (1_000, 1_000_000_000)] as [(Int, UInt64)] {
            floods.append(gauge.note(nuisances: count, now: now))
        }
        #expect(floods == [false, true, false, true])
    }
}
