import Contracts
import HTTP
import Observability
import SigV4

/// Requests that no route is for: preflights, and what isn't there.
extension GatewayPipeline {
    /// API Gateway reads the Authorization header of a request it has no route for as a signature.
    static func unknownRoute(_ request: Request, _ fields: RequestFields) -> GatewayError {
        guard let index = fields.authorization, !request.headers.valueRange(at: index).isEmpty else { return .missingAuthenticationToken }
        do throws(SigV4Error) {
            _ = try SignatureClaim(
                authorization: request.headers.bytes.span.extracting(request.headers.valueRange(at: index)),
                fields: request.headers)
            return .missingAuthenticationToken
        } catch { return SignatureFailure.refused(error).answer }
    }

    static func isPreflight(_ request: Request, _ fields: RequestFields) -> Bool {
        request.method == .options && fields.origin != nil && fields.asksForMethod
    }

    @inline(never)
    func preflight(_ request: Request, _ snapshot: RouteSnapshot, _ trail: RequestTrail, _ event: RequestEvent?) -> Response {
        event?.count(by: preflights)
        return Self.preflight(snapshot.document.cors, request, trail)
    }

    static func preflight(_ cors: CORSConfiguration?, _ request: Request, _ trail: RequestTrail) -> Response {
        var response = Response(.noContent)
        AnswerRenderer.addIDs(trail, to: &response.headers)
        if let cors { AnswerRenderer.add(lines: cors.lines(for: origin(of: request), isPreflight: true), to: &response.headers) }
        return response
    }

    static func origin(of request: Request) -> [UInt8]? {
        guard let index = request.headers.index(of: .origin) else { return nil }
        return Array(request.headers.bytes[request.headers.valueRange(at: index)])
    }
}
