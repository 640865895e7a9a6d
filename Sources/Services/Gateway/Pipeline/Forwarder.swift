import Bootstrap
import Bytes
import Contracts
import Encodings
import HTTP
import Observability
import Processes
import SigV4
import Trust

/// Sends a request on to its service and passes the answer back: fields copied, body streamed at the client's pace.
struct Forwarder: Sendable {
    let client: HTTPClient
    /// One for each service there is: few enough to look at in turn.
    let hops: [Hop]
    let backendDuration: Histogram
    let tracer: Tracer?

    init(client: HTTPClient, hops: [Hop], metrics: MetricsRegistry, tracer: Tracer?) {
        self.tracer = tracer
        self.client = client
        self.hops = hops
        backendDuration = metrics.histogram(
            "strongroom_gateway_upstream_seconds", help: "From a request forwarded to its response's head.",
            labels: MetricLabel("service", "backend"))
    }

    func send(_ outbound: Outbound, at now: Timestamp) async throws(GatewayError) -> ClientResponse {
        // Before anything is signed for it.
        try outbound.allowance?.willSend()
        defer { outbound.allowance?.didSend() }
        let (exchange, request) = try await exchange(outbound, at: now)
        let answer: ClientResponse
        do throws(ClientError) {
            answer = try await client.send(request, to: exchange.endpoint)
        } catch {
            end(exchange, .failure(error))
            outbound.request.event?.add(.peer(exchange.hop?.service.rawValue ?? "backend"), .error(error))
            throw GatewayError(error, isService: exchange.hop != nil)
        }
        end(exchange, .success(answer.status))
        if answer.status.rawValue >= 400, let hop = exchange.hop { try Self.requireTaken(answer, by: hop, outbound.request.event) }
        return answer
    }

    /// A call that a service doesn't take for the gateway's is the cluster's failure, and nothing that the client could mend.
    private static func requireTaken(_ answer: ClientResponse, by hop: Hop, _ event: RequestEvent?) throws(GatewayError) {
        guard let flaw = answer.headers[InternalCallError.flaw] else { return }
        event?.add(.peer(hop.service.rawValue), .error(FlawedCall(flaw: flaw)))
        // Sent a second time it may be refused because the first was taken.
        throw answer.wasSentTwice ? .integrationUnreachable : .serviceAway
    }

    /// The gateway and the service don't have the same keys, or the same time.
    private struct FlawedCall: Error {
        let flaw: String
    }

    /// Who is asked, and what is noted about it. An object, since it is waited with.
    private final class Exchange: Sendable {
        let method: Method
        let endpoint: HTTP.Endpoint
        /// Nil for a server outside the cluster.
        let hop: Hop?
        /// Its own, below `parent`; nil where it isn't recorded.
        let span: TraceContext?
        let parent: TraceContext?
        let started = SystemClock.monotonicNanoseconds()

        init(_ method: Method, with endpoint: HTTP.Endpoint, _ hop: Hop?, _ span: TraceContext?, below parent: TraceContext?) {
            self.method = method
            self.endpoint = endpoint
            self.hop = hop
            self.span = span
            self.parent = parent
        }
    }

    @inline(never)
    private func exchange(_ outbound: Outbound, at now: Timestamp) async throws(GatewayError) -> (Exchange, ClientRequest) {
        let trace = outbound.request.event?.trace
        let span = tracer?.child(of: trace)
        switch outbound.destination {
        case .backend(let endpoint):
            return (Exchange(outbound.method, with: endpoint, nil, span, below: trace), Self.plain(outbound, span ?? trace))
        case .service(let service):
            guard let hop = hops.first(where: { $0.service == service }) else { throw .integrationUnreachable }
            let signing: Hop.Signing
            if let current = hop.signing(at: now) {
                signing = current
            } else {
                do throws(CredentialError) { signing = try await hop.newSigning(at: now) } catch { throw .unavailable }
            }
            let request = hop.request(outbound, trace: span ?? trace, signing: signing, at: now)
            return (Exchange(outbound.method, with: hop.endpoint, hop, span, below: trace), request)
        }
    }

    @inline(never)
    private func end(_ exchange: Exchange, _ result: Result<Status, ClientError>) {
        let microseconds = (SystemClock.monotonicNanoseconds() - exchange.started) / 1000
        (exchange.hop?.duration ?? backendDuration).observe(microseconds: microseconds)
        guard let tracer, let span = exchange.span, let parent = exchange.parent else { return }
        tracer.recordCall(
            span, parent: parent, exchange.method, to: exchange.endpoint, peer: exchange.hop?.service.rawValue ?? "backend", result,
            microseconds: microseconds)
    }

    /// A request for a server outside the cluster: the caller's fields without its credentials, the trace, and where it came from.
    @inline(never)
    private static func plain(_ outbound: Outbound, _ trace: TraceContext?) -> ClientRequest {
        let (headers, fields) = (outbound.request.headers, outbound.fields)
        var lines = FieldLines(reserving: headers.bytes.count + 192)
        for index in 0..<headers.count where fields.isForwarded(index) { lines.add(from: headers, at: index) }
        if let trace { lines.add(.traceparent, capacity: TraceContext.length) { trace.append(to: &$0) } }
        lines.add(.forwardedFor, outbound.source.utf8.span)
        return outbound.request(with: lines)
    }

    /// The service's answer as the client gets it: untouched but for what belongs to the hop, the ids and, where the gateway answers
    /// preflights, CORS.
    static func response(_ answer: ClientResponse, trail: RequestTrail, cors: CORSConfiguration?, origin: [UInt8]?, isPreflight: Bool = false)
        -> Response
    {
        var lines = FieldLines(reserving: answer.headers.bytes.count + 128)
        let own = options(of: answer.headers)
        for index in 0..<answer.headers.count where isEndToEnd(answer.headers, index, dropsCORS: cors != nil) {
            if isNamed(answer.headers, index, by: own) { continue }
            lines.add(from: answer.headers, at: index)
        }
        AnswerRenderer.addIDs(trail, to: &lines)
        var headers = Headers()
        if let cors { AnswerRenderer.add(lines: cors.lines(for: origin, isPreflight: isPreflight), to: &headers) }
        return Response(answer.status, headers: headers, fieldLines: lines, body: answer.body.forwarded)
    }

    /// The fields that `Connection` names are the hop's, too (RFC 9110 §7.6.1).
    private static func options(of headers: Headers) -> [[UInt8]] {
        guard headers.contains(.connection) else { return [] }
        let name = HeaderName.connection
        var options: [[UInt8]] = []
        headers.forEachValue(ofLowercase: name.bytes.span) { value in
            Grammar.forEachElement(of: value) { option in
                options.append(option.indices.map { option[$0].lowercased })
            }
        }
        return options
    }

    private static func isNamed(_ headers: Headers, _ index: Int, by options: [[UInt8]]) -> Bool {
        let name = headers.bytes.span.extracting(headers.nameRange(at: index))
        for option in options where name.equals(lowercase: option.span) { return true }
        return false
    }

    private static let hopByHop: [HeaderName] = [
        .te, .trailer, .upgrade, .keepAlive, .connection, .transferEncoding, .proxyAuthenticate, .proxyConnection,
        AnswerRenderer.requestID, AnswerRenderer.gatewayID,
        HeaderName(stringLiteral: HeaderNames.requestID), HeaderName(stringLiteral: HeaderNames.identity), InternalCallError.flaw,
    ]

    private static func isEndToEnd(_ headers: Headers, _ index: Int, dropsCORS: Bool) -> Bool {
        let name = headers.bytes.span.extracting(headers.nameRange(at: index))
        if dropsCORS, name.count > 15, isCORS(name) { return false }
        switch name[0].lowercased {
        case UInt8(ascii: "t"), UInt8(ascii: "u"), UInt8(ascii: "k"), UInt8(ascii: "c"), UInt8(ascii: "p"), UInt8(ascii: "x"):
            for field in hopByHop where field.matches(name) { return false }
            return true
        default: return true
        }
    }

    private static func isCORS(_ name: Span<UInt8>) -> Bool {
        var index = 0
        for byte in "access-control-".utf8 {
            if name[index] | 0x20 != byte | 0x20 { return false }
            index += 1
        }
        return true
    }
}
