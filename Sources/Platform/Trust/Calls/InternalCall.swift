internal import Contracts
public import HTTP

/// A verified call with its body, as a route's handler gets it.
public struct InternalCall: Sendable {
    public let context: CallContext
    public let request: Request
    public let body: [UInt8]

    public init(context: CallContext, request: Request, body: [UInt8]) {
        self.context = context
        self.request = request
        self.body = body
    }
}

extension InternalVerifier {
    /// A route whose handler sees only calls that were verified, with the body that was signed.
    /// - Parameter bodyLimit: in bytes.
    public func route(
        _ method: Method, _ pattern: String, _ rule: CallRule, bodyLimit: Int,
        _ handler: @escaping @Sendable (InternalCall) async throws -> Response
    ) -> Route {
        Route(method, pattern) { request in
            let call = try await call(request, rule: rule, bodyLimit: bodyLimit)
            var response = try await handler(call)
            if let identity = call.context.identity {
                var owner = Hasher()
                owner.combine(identity.tenant)
                owner.combine(identity.subject)
                response.owner = owner.finalize()
            }
            return response
        }
    }

    /// Verifies a request's head, then reads its body and verifies that.
    public func call(_ request: Request, rule: CallRule, bodyLimit: Int) async throws -> InternalCall {
        let head = try verify(request.head, rule: rule)
        let body = try await request.body.collect(upTo: bodyLimit)
        try head.check(body: body.span)
        return InternalCall(context: head.context, request: request, body: body)
    }
}
