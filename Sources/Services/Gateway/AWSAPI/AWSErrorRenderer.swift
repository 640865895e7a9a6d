import Bytes
import Encodings
import HTTP
import SigV4

/// Errors of the AWS APIs in their own protocols, so that an SDK raises what it would raise against the real service.
enum AWSErrorRenderer {
    struct Fault: Equatable {
        let status: Status
        /// `__type` and `x-amzn-ErrorType` in JSON, `Code` in XML.
        let jsonType: String
        let queryCode: String
        let message: String

        /// An operation of a service that isn't here, by the target that names both.
        static func unknownOperation(_ target: Span<UInt8>) -> Fault {
            let name = String(decoding: [UInt8](copying: target.extracting(first: 128)), as: UTF8.self)
            return Fault(
                status: .badRequest, jsonType: "UnknownOperationException", queryCode: "InvalidAction", message: "\(name) is not supported.")
        }
    }

    static func fault(_ failure: SignatureFailure, _ wire: AWSProtocol) -> Fault {
        switch failure {
        case .refused(let error):
            Fault(
                status: wire == .json ? .badRequest : .forbidden, jsonType: error.exceptionName, queryCode: error.queryCode, message: error.message)
        case .gateway(let error): fault(error)
        }
    }

    static func fault(_ error: GatewayError) -> Fault {
        if error == .throttled {
            return Fault(status: .badRequest, jsonType: "TooManyRequestsException", queryCode: "Throttling", message: "Rate exceeded")
        }
        let contract = error.contract
        if contract.status < 500 {
            return Fault(
                status: Status(rawValue: UInt16(contract.status)), jsonType: contract.errorType ?? "BadRequestException",
                queryCode: "ValidationError", message: contract.message ?? "")
        }
        switch error {
        case .integrationUnreachable, .integrationTimeout:
            // It was sent. Neither status nor `Retry-After` may say that nothing was done.
            return Fault(
                status: .gatewayTimeout, jsonType: "InternalErrorException", queryCode: "InternalFailure",
                message: "There was no answer in time: whether it was done is not known.")
        case .overloaded, .unavailable, .serviceAway, .authorizerFailure:
            return Fault(
                status: .serviceUnavailable, jsonType: "ServiceUnavailableException", queryCode: "ServiceUnavailable",
                message: "The service is unavailable.")
        default:
            return Fault(
                status: .internalServerError, jsonType: "InternalErrorException", queryCode: "InternalFailure",
                message: "The request failed because of an internal error.")
        }
    }

    static func response(_ fault: Fault, _ wire: AWSProtocol, trail: RequestTrail) -> Response {
        var response = Response(fault.status)
        AnswerRenderer.addIDs(trail, to: &response.headers)
        switch wire {
        case .json:
            response.headers.add(.contentType, "application/x-amz-json-1.1")
            response.headers.add(AnswerRenderer.errorType, fault.jsonType)
            response.headers.add(errorMessage, fault.message)
            let type = AnswerRenderer.quoted(fault.jsonType)
            response.body = .bytes(Array("{\"__type\":\(type),\"message\":\(AnswerRenderer.quoted(fault.message))}".utf8))
        case .query(let namespace):
            response.headers.add(.contentType, "text/xml")
            var body = Array(
                "<ErrorResponse xmlns=\"\(namespace)\">\n  <Error>\n    <Type>\(fault.status.rawValue < 500 ? "Sender" : "Receiver")</Type>\n    <Code>\(fault.queryCode)</Code>\n    <Message>"
                    .utf8)
            body.append(contentsOf: escaped(fault.message).utf8)
            body.append(contentsOf: "</Message>\n  </Error>\n  <RequestId>".utf8)
            trail.appendRequestID(to: &body)
            body.append(contentsOf: "</RequestId>\n</ErrorResponse>\n".utf8)
            response.body = .bytes(body)
        case .queryJSON:
            response.headers.add(.contentType, "application/json")
            let type = fault.status.rawValue < 500 ? "Sender" : "Receiver"
            let (code, message) = (AnswerRenderer.quoted(fault.queryCode), AnswerRenderer.quoted(fault.message))
            var body = Array("{\"Error\":{\"Type\":\"\(type)\",\"Code\":\(code),\"Message\":\(message)},\"RequestId\":\"".utf8)
            trail.appendRequestID(to: &body)
            body.append(contentsOf: "\"}".utf8)
            response.body = .bytes(body)
        }
        if fault.status == .serviceUnavailable { response.headers.add(.retryAfter, "1") }
        return response
    }

    private static let errorMessage: HeaderName = "x-amzn-ErrorMessage"

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
