public import HTTP
public import Observability

/// The spans of HTTP, by OpenTelemetry's semantic conventions, but for what would hold ids of notes and tenants: `url.path` and `url.full` are left out.
extension Tracer {
    /// A request that was answered; its trace is one that is recorded.
    func record(_ event: RequestEvent, _ method: Method, _ status: Status, scheme: String, microseconds: UInt64) {
        var attributes: [SpanAttribute] = [.method(method.rawValue), .scheme(scheme), .status(Int(status.rawValue))]
        var name = method.rawValue
        if let template = event.route?.template, template.hasPrefix("/") {
            attributes.append(.route(template))
            name += " " + template
        }
        let isFailure = status.rawValue >= 500
        if isFailure { attributes.append(.errorType("\(status.rawValue)")) }
        record(
            event.trace, parent: event.parent, kind: .server, name: name, microseconds: microseconds, attributes: attributes, isFailure: isFailure)
    }

    /// A call to a service or a server, until the head of its answer.
    ///
    /// - Parameters:
    ///   - span: from ``child(of:)``; it went along in the call's `traceparent`.
    ///   - peer: the service's name, or `backend`.
    ///   - result: the answer's status, or why there was none.
    public func recordCall(
        _ span: TraceContext, parent: TraceContext, _ method: Method, to endpoint: Endpoint, peer: String, _ result: Result<Status, ClientError>,
        microseconds: UInt64
    ) {
        var attributes: [SpanAttribute] = [
            .method(method.rawValue), .serverAddress(endpoint.host), .serverPort(Int(endpoint.port)), .peer(peer),
        ]
        var isFailure = true
        switch result {
        case .success(let status):
            attributes.append(.status(Int(status.rawValue)))
            isFailure = status.rawValue >= 400
            if isFailure { attributes.append(.errorType("\(status.rawValue)")) }
        case .failure(let error): attributes.append(.errorType(error.name))
        }
        record(
            span, parent: parent.span, kind: .client, name: method.rawValue, microseconds: microseconds, attributes: attributes,
            isFailure: isFailure)
    }
}

extension ClientError {
    fileprivate var name: String {
        switch self {
        case .connect: "connect"
        case .timeout: "timeout"
        case .closed: "closed"
        case .malformed: "malformed"
        case .bodyTooLarge: "body_too_large"
        case .overloaded: "overloaded"
        case .givenUp: "given_up"
        case .requestBody: "request_body"
        case .target: "target"
        case .cancelled: "cancelled"
        }
    }
}
