import Encodings
import HTTP

/// Turns the gateway's own errors into the contract's bytes: body, `x-amzn-ErrorType`, ids, CORS, and what the document makes over.
struct AnswerRenderer: Sendable {
    let responses: GatewayResponses
    let cors: CORSConfiguration?

    init(_ document: APIDocument) {
        responses = document.responses
        cors = document.cors
    }

    /// Without a document: for what can't be read as a request, and before there is one.
    init() {
        responses = GatewayResponses()
        cors = nil
    }

    /// - Parameter origin: the value of the request's `Origin`.
    func response(to error: GatewayError, trail: RequestTrail, stage: [UInt8]?, origin: [UInt8]?) -> Response {
        let contract = error.contract
        let made = responses.customisation(of: contract)
        var response = Response(Status(rawValue: UInt16(made?.status ?? contract.status)))
        response.body = .bytes(body(contract, made?.template, trail, stage))
        let replaced = made?.names ?? []
        func add(_ name: HeaderName, _ value: String) {
            if !replaced.contains(name.description) { response.headers.add(name, value) }
        }
        add(.contentType, "application/json")
        Self.addIDs(trail, to: &response.headers)
        if let type = contract.errorType { add(Self.errorType, type) }
        if let challenge = error.challenge { add(Self.challenge, challenge) }
        if contract.status == 503 { add(.retryAfter, "1") }
        if let fields = made?.fields { Self.add(lines: fields, to: &response.headers) }
        if let cors, !replaced.contains("access-control-allow-origin") { Self.add(lines: cors.lines(for: origin), to: &response.headers) }
        return response
    }

    private func body(_ contract: GatewayError.Contract, _ template: ResponseTemplate?, _ trail: RequestTrail, _ stage: [UInt8]?) -> [UInt8] {
        guard let template else {
            var body = Array("{\"\(contract.member)\":".utf8)
            body.append(contentsOf: Self.quoted(contract.message).utf8)
            body.append(UInt8(ascii: "}"))
            return body
        }
        var body: [UInt8] = []
        for part in template.parts {
            switch part {
            case .text(let text): body.append(contentsOf: text)
            case .variable(.messageString): body.append(contentsOf: Self.quoted(contract.message).utf8)
            case .variable(.message): body.append(contentsOf: (contract.message ?? "null").utf8)
            case .variable(.validationErrorString): break
            case .variable(.responseType): body.append(contentsOf: (contract.type?.rawValue ?? "").utf8)
            case .variable(.requestID): trail.appendRequestID(to: &body)
            case .variable(.stage): body.append(contentsOf: stage ?? [])
            }
        }
        return body
    }

    /// A JSON string. Messages are our own sentences; those that quote a caller quote a digest.
    static func quoted(_ message: String?) -> String {
        guard let message else { return "null" }
        var text = "\""
        for scalar in message.unicodeScalars {
            switch scalar {
            case "\"", "\\": text += "\\\(scalar)"
            case _ where scalar.value < 0x20: text += " "
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }

    // MARK: Fields

    static let requestID: HeaderName = "x-amzn-RequestId"
    static let gatewayID: HeaderName = "x-amz-apigw-id"
    static let errorType: HeaderName = "x-amzn-ErrorType"
    private static let challenge: HeaderName = "www-authenticate"

    static func addIDs(_ trail: RequestTrail, to headers: inout Headers) {
        var value: [UInt8] = []
        value.reserveCapacity(36)
        trail.appendRequestID(to: &value)
        headers.add(requestID, value)
        value.removeAll(keepingCapacity: true)
        value.append(addingCapacity: 16) { trail.appendGatewayID(to: &$0) }
        headers.add(gatewayID, value)
    }

    static func addIDs(_ trail: RequestTrail, to lines: inout FieldLines) {
        lines.add(requestID, capacity: 36) { trail.requestID.append(to: &$0) }
        lines.add(gatewayID, capacity: 16) { trail.appendGatewayID(to: &$0) }
    }

    /// `name: value CRLF` lines that were rendered beforehand.
    static func add(lines: [UInt8], to headers: inout Headers) {
        var start = 0
        while start < lines.count {
            var end = start
            var colon: Int?
            while lines[end] != 13 {
                if colon == nil, lines[end] == UInt8(ascii: ":") { colon = end }
                end += 1
            }
            if let colon, let name = HeaderName(lines.span.extracting(start..<colon)) {
                headers.add(name, lines.span.extracting(min(colon + 2, end)..<end))
            }
            start = end + 2
        }
    }
}
