internal import Bootstrap
internal import Contracts
internal import HTTP
internal import JSON
public import Trust

extension ErasureFollower {
    /// Asks the identity service by signed call.
    public static func asking(_ identity: InternalClient) -> Ask {
        { request in
            let body = try await identity.body(of: .json(.post, ErasuresRequest.path, request.encoded()).longPoll(seconds: request.wait))
            do throws(MessageError) {
                return try ErasuresResponse(body.span)
            } catch {
                throw ErasureError.malformed(error)
            }
        }
    }
}
