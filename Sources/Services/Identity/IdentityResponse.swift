import Contracts
import Encodings
import HTTP
import Observability

/// Responses of the AWS JSON 1.1 protocol.
enum IdentityResponse {
    static let requestID: HeaderName = "x-amzn-requestid"
    static let errorType: HeaderName = "x-amzn-errortype"
    static let errorMessage: HeaderName = "x-amzn-errormessage"

    static func json(_ body: [UInt8], status: Status = .ok, to request: Request?) -> Response {
        var headers: Headers = [.contentType: "application/x-amz-json-1.1"]
        if let id = request?.event?.requestID { headers.add(requestID, id.description) }
        return Response(status, headers: headers, body: .bytes(body))
    }

    /// A public document: a key set, a discovery document.
    /// - Parameter maximumAge: seconds for which it may be kept.
    static func document(_ body: [UInt8], maximumAge: Int) -> Response {
        var response = Response.json(body)
        response.headers.add(.cacheControl, "public, max-age=\(maximumAge)")
        return response
    }
}
