internal import Contracts
internal import EventLog
internal import HTTP
internal import Trust

/// What a source of events asks: up to where its streams have arrived.
struct MarksRoute: Sendable {
    let marks: Marks

    // Of the sources the notes service is the one that publishes.
    private static let rule = CallRule([.notes], identity: .forbidden)

    func routes(_ verifier: InternalVerifier) -> [Route] {
        [verifier.route(.post, SignedMarksClient.path, Self.rule, bodyLimit: 1 << 19) { try await answer($0) }]
    }

    private func answer(_ call: InternalCall) async throws(AuditError) -> Response {
        let request: MarksRequest
        do throws(MessageError) {
            request = try MarksRequest(call.body.span, source: call.context.caller)
        } catch {
            throw .invalid("The body is not a marks request")
        }
        return .json(try await marks.answer(request, isDraining: { call.request.isDraining }).encoded())
    }
}
