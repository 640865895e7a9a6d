import Bootstrap
import Contracts
import Encodings
import Files
import HTTP
import Observability
import SigV4
import Trust

/// Sends a request on to its service and passes the answer back: fields copied, body streamed at the client's pace.
struct Forwarder: Sendable {
    let client: HTTPClient
    let hops: [ServiceName: Hop]
    let backendDuration: Histogram
    let tracer: Tracer?

    init(client: HTTPClient, hops: [ServiceName: Hop], metrics: MetricsRegistry, tracer: Tracer?) {
        self.tracer = tracer
        self.client = client
        self.hops = hops
        backendDuration = metrics.histogram(
            "strongroom_gateway_upstream_seconds", help: "From a request forwarded to its response's head.",
            labels: MetricLabel("service", "backend"))
    }

    func send(
        _ outbound: Hop.Outbound, to destination: Integration.Destination, fields: RequestFields, of headers: Headers, at now: Timestamp
    ) async throws(GatewayError) -> ClientResponse {
        let hop: Hop
        let span = tracer?.child(of: outbound.trace)
        switch destination {
        case .backend(let endpoint):
            return try await exchange(
                Self.plain(outbound, span ?? outbound.trace, fields, headers), with: endpoint, nil, backendDuration, span, outbound.trace)
        case .service(let service):
            guard let found = hops[service] else { throw .integrationUnreachable }
            hop = found
        }
        var signing = hop.signing(at: now)
        if signing == nil {
            do throws(CredentialError) { signing = try await hop.newSigning(at: now) } catch { throw .unavailable }
        }
        guard let signing else { throw .unavailable }
        let request = hop.request(outbound, trace: span ?? outbound.trace, fields: fields, of: headers, signing: signing, at: now)
        return try await exchange(request, with: hop.endpoint, hop.service, hop.duration, span, outbound.trace)
    }

    /// - Parameters:
    ///   - service: nil for a server outside the cluster.
    ///   - span: the exchange's own, below `parent`; nil where it isn't recorded.
    private func exchange(
        _ request: ClientRequest, with endpoint: HTTP.Endpoint, _ service: ServiceName?, _ duration: Histogram, _ span: TraceContext?,
        _ parent: TraceContext?
    ) async throws(GatewayError) -> ClientResponse {
        let started = SystemClock.monotonicNanoseconds()
        let method = request.method
        func end(_ result: Result<Status, ClientError>) {
            let microseconds = (SystemClock.monotonicNanoseconds() - started) / 1000
            duration.observe(microseconds: microseconds)
            guard let tracer, let span, let parent else { return }
            tracer.recordCall(
                span, parent: parent, method, to: endpoint, peer: service?.rawValue ?? "backend", result, microseconds: microseconds)
        }
        do throws(ClientError) {
            let answer = try await client.send(request, to: endpoint)
            end(.success(answer.status))
            return answer
        } catch {
            end(.failure(error))
            throw GatewayError(error, isService: service != nil)
        }
    }

    /// A request for a server outside the cluster: the caller's fields without its credentials, the trace, and where it came from.
    @inline(never)
    private static func plain(
        _ outbound: Hop.Outbound, _ trace: TraceContext?, _ fields: RequestFields, _ headers: Headers
    ) -> ClientRequest {
        var lines = FieldLines(reserving: headers.bytes.count + 192)
        for index in 0..<headers.count where fields.isForwarded(index) { lines.add(from: headers, at: index) }
        if let trace { lines.add(.traceparent, capacity: TraceContext.length) { trace.append(to: &$0) } }
        lines.add(forwardedFor, outbound.source.utf8.span)
        return outbound.request(with: lines)
    }

    private static let forwardedFor: HeaderName = "x-forwarded-for"

    /// The service's answer as the client gets it: untouched but for what belongs to the hop, the ids and, where the gateway answers
    /// preflights, CORS.
    static func response(_ answer: ClientResponse, trail: RequestTrail, cors: CORSConfiguration?, origin: [UInt8]?) -> Response {
        var lines = FieldLines(reserving: answer.headers.bytes.count + 128)
        for index in 0..<answer.headers.count where isEndToEnd(answer.headers, index, dropsCORS: cors != nil) {
            lines.add(from: answer.headers, at: index)
        }
        AnswerRenderer.addIDs(trail, to: &lines)
        var response = Response(answer.status, body: answer.body.forwarded)
        response.fieldLines = lines
        if let cors, let origin {
            var rendered: [UInt8] = []
            cors.append(origin: origin.span, isPreflight: false, to: &rendered)
            AnswerRenderer.add(lines: rendered, to: &response.headers)
        }
        return response
    }

    private static let hopByHop: [HeaderName] = [
        "te", "trailer", "upgrade", "keep-alive", "connection", "transfer-encoding", "proxy-authenticate", "x-amzn-requestid", "x-amz-apigw-id",
        "x-strongroom-request-id", "x-strongroom-identity",
    ]

    private static func isEndToEnd(_ headers: Headers, _ index: Int, dropsCORS: Bool) -> Bool {
        let name = headers.bytes.span.extracting(headers.nameRange(at: index))
        if dropsCORS, name.count > 15, isCORS(name) { return false }
        switch Grammar.lowercased(name[0]) {
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
