internal import Bootstrap
internal import Contracts
internal import HTTP
internal import JSON
public import Trust

extension ErasureFollower {
    /// Asks the identity service by signed call.
    public static func asking(_ identity: InternalClient) -> Ask {
        { request in
            var call = OutgoingCall.json(.post, ErasuresRequest.path, request.encoded())
            // The callee may take its time before it answers.
            call.timeoutMilliseconds = UInt64(request.wait + 10) * 1_000
            let response = try await identity.send(call)
            guard response.status == .ok else { throw InternalClientError.refused(response.status) }
            let body = try await response.body.collect(upTo: 1 << 20)
            do throws(MessageError) {
                return try ErasuresResponse(body.span)
            } catch {
                throw ErasureError.malformed(error)
            }
        }
    }
}
