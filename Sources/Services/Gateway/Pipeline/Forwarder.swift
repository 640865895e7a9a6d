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

    func send(
        _ outbound: Hop.Outbound, to service: ServiceName, fields: RequestFields, of headers: Headers, timeoutMilliseconds: Int, at now: Timestamp
    ) async throws(GatewayError) -> ClientResponse {
        guard let hop = hops[service] else { throw .integrationUnreachable }
        let signer: PreparedSigner
        do throws(CredentialError) { signer = try await hop.signer(at: now) } catch { throw .unavailable }
        var request = hop.request(outbound, fields: fields, of: headers, signer: signer, at: now)
        request.timeoutMilliseconds = UInt64(timeoutMilliseconds)
        request.bodyTimeoutMilliseconds = UInt64(timeoutMilliseconds)
        let started = SystemClock.monotonicNanoseconds()
        defer { hop.duration.observe(microseconds: (SystemClock.monotonicNanoseconds() - started) / 1000) }
        do throws(ClientError) { return try await client.send(request, to: hop.endpoint) } catch { throw GatewayError(error) }
    }

    /// The service's answer as the client gets it: untouched but for what belongs to the hop, the ids and, where the gateway answers
    /// preflights, CORS.
    static func response(_ answer: ClientResponse, trail: RequestTrail, cors: CORSConfiguration?, origin: [UInt8]?) -> Response {
        var headers = Headers()
        let count = answer.headers.count
        headers.reserve(bytes: answer.headers.bytes.count + 256, fields: count + 6)
        for index in 0..<count where isEndToEnd(answer.headers, index, dropsCORS: cors != nil) {
            headers.add(from: answer.headers, at: index)
        }
        AnswerRenderer.addIDs(trail, to: &headers)
        if let cors, let origin {
            var lines: [UInt8] = []
            cors.append(origin: origin.span, isPreflight: false, to: &lines)
            AnswerRenderer.add(lines: lines, to: &headers)
        }
        return Response(answer.status, headers: headers, body: answer.body.forwarded)
    }

    private static let hopByHop: [HeaderName] = [
        "te", "trailer", "upgrade", "keep-alive", "connection", "transfer-encoding", "proxy-authenticate", "x-amzn-requestid", "x-amz-apigw-id",
        "x-strongroom-request-id", "x-strongroom-identity",
    ]

    private static func isEndToEnd(_ headers: Headers, _ index: Int, dropsCORS: Bool) -> Bool {
        let name = headers.bytes.span.extracting(headers.nameRange(at: index))
        if dropsCORS, name.count > 15, isCORS(name) { return false }
        for field in hopByHop where field.matches(name) { return false }
        return true
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
