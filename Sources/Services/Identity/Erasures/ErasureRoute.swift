import Contracts
import HTTP
import Trust

/// What a service that holds data of users asks: whom it has to erase.
struct ErasureRoute: Sendable {
    let desk: ErasureDesk

    private static let rule = CallRule(ErasureDesk.readers, identity: .forbidden)

    func routes(_ verifier: InternalVerifier) -> [Route] {
        [verifier.route(.post, ErasuresRequest.path, Self.rule, bodyLimit: 1 << 20) { try await answer($0) }]
    }

    private func answer(_ call: InternalCall) async throws -> Response {
        let request: ErasuresRequest
        do throws(MessageError) {
            request = try ErasuresRequest(call.body.span)
        } catch {
            throw IdentityError(.serialization, "The body is not an erasures request")
        }
        return .json(try await desk.answer(request, of: call.context.caller, unless: { call.request.isDraining }).encoded())
    }
}
