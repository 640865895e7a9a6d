internal import Contracts
internal import Crypto
internal import Encodings
internal import HTTP
internal import Observability
internal import Policies
internal import Trust

/// `POST /`: AWS's Query protocol, as `aws iam` and `aws sts` speak it. Every action needs the caller's own permission.
struct QueryRoutes: Sendable {
    static let bodyLimit = 64 << 10

    let store: DirectoryStore
    let account: Account
    let metrics: AuthorizerMetrics
    let now: @Sendable () -> Timestamp

    private static let actions: [String: QueryAction] = {
        var actions: [String: QueryAction] = [:]
        for action in RoleActions.all + UserActions.all + PolicyActions.all + AccessKeyActions.all + [CallerIdentityAction.getCallerIdentity] {
            actions[action.name] = action
        }
        return actions
    }()

    func routes(_ verifier: InternalVerifier) -> [Route] {
        [verifier.route(.post, "/", .forwarded, bodyLimit: Self.bodyLimit) { call in try await answer(call) }]
    }

    /// What a query is answered that failed before or after `answer` could tell; nil for other requests, and for those that the gateway has not sent.
    static func response(to error: any Error, _ request: Request?) -> Response? {
        guard let request, request.method == .post, request.head.pathRange.count == 1 else { return nil }
        let requestID = request.event?.requestID ?? UUID.v4(random: (Random.uint64(), Random.uint64()))
        let service = service(of: request)
        return QueryError(cause: error).map { response(to: $0, service, requestID, asJSON: isJSON(service, request)) }
    }

    func answer(_ call: InternalCall) async throws -> Response {
        var service = Self.service(of: call.request)
        do {
            guard call.context.identity?.method == .iam, let arn = call.context.identity?.principal else { throw InternalCallError.identityMissing }
            let request = try QueryRequest(form: call.body.span)
            service = QueryService(rawValue: request.version) ?? service
            return try await carryOut(request, arn: arn, call)
        } catch let error as QueryError {
            return Self.response(to: error, service, call.context.requestID, asJSON: Self.isJSON(service, call.request))
        }
    }

    /// Says which API the caller's signature was made for.
    private static let target: HeaderName = "x-amz-target"

    private static func service(of request: Request) -> QueryService { request.headers[target] == QueryService.sts.prefix ? .sts : .iam }

    private func carryOut(_ request: QueryRequest, arn: String, _ call: InternalCall) async throws -> Response {
        guard let action = Self.actions[request.action], action.name.utf8.elementsEqual(request.action.utf8),
            action.service.rawValue == request.version
        else {
            throw QueryError.invalidAction(request.action, version: request.version)
        }
        // A gateway of an earlier release doesn't say.
        let scope = call.request.headers[Self.target]
        guard scope == nil || action.service.prefix == scope else { throw QueryError.otherScope(action.service.prefix) }
        // A table's name: never what the client sent.
        call.request.event?.add(.operation("\(action.service.prefix):\(action.name)"), .principal(arn))
        let directory = store.current
        // Its last key may have been used a moment before the user was deleted.
        guard let principal = Principal(arn: arn, in: directory, of: account) else {
            throw QueryError.accessDenied(
                principal: arn, action: "\(action.service.prefix):\(action.name)", resource: "*", .implicitDeny)
        }
        let invocation = QueryInvocation(
            request: request, principal: principal, principalARN: arn, account: account, store: store, now: now())
        try request.requireOnly(action.parameters)
        if let resource = action.resource { try authorize(action, on: resource(invocation), invocation) }
        let result = try await action.perform(invocation)
        metrics.queryActions.increment()
        return Self.response(action, result, call.context.requestID, asJSON: Self.isJSON(action.service, call.request))
    }

    private func authorize(_ action: QueryAction, on resource: String, _ invocation: QueryInvocation) throws(QueryError) {
        let name = "\(action.service.prefix):\(action.name)"
        let decision = invocation.principal.decide(action: name, resource: resource)
        metrics.count(decision)
        guard decision == .allow else {
            throw .accessDenied(principal: invocation.principalARN, action: name, resource: resource, decision)
        }
    }

    /// STS has its answers in JSON, too.
    private static func isJSON(_ service: QueryService, _ request: Request) -> Bool { service == .sts && request.headers.asksForJSON }

    private static func response(_ action: QueryAction, _ result: QueryAction.Result?, _ requestID: UUID, asJSON: Bool) -> Response {
        var answer = AnswerWriter(asJSON: asJSON)
        answer.element("\(action.name)Response", attributes: " xmlns=\"\(action.service.namespace)\"") { response in
            if let result { response.element("\(action.name)Result", result) }
            response.element("ResponseMetadata") { $0.element("RequestId", requestID.description) }
        }
        return response(.ok, &answer, requestID)
    }

    static func response(to error: QueryError, _ service: QueryService, _ requestID: UUID, asJSON: Bool = false) -> Response {
        func write(to answer: inout AnswerWriter) {
            answer.element("Error") { element in
                element.element("Type", error.status.rawValue < 500 ? "Sender" : "Receiver")
                element.element("Code", error.code)
                element.element("Message", error.message)
            }
            answer.element("RequestId", requestID.description)
        }
        var answer = AnswerWriter(asJSON: asJSON)
        // In JSON these two are the whole answer.
        if asJSON { write(to: &answer) } else { answer.element("ErrorResponse", attributes: " xmlns=\"\(service.namespace)\"", write) }
        var response = response(error.status, &answer, requestID)
        if error == .unavailable { response.headers.add(.retryAfter, "1") }
        return response
    }

    private static func response(_ status: Status, _ answer: inout AnswerWriter, _ requestID: UUID) -> Response {
        Response(
            status, headers: [.contentType: answer.contentType, "x-amzn-requestid": requestID.description], body: .bytes(answer.finish()))
    }
}
