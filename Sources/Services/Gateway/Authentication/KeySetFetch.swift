import HTTP
import Tokens
import Trust

/// Gets a pool's key set from the identity service, over a signed call of the gateway's own.
enum KeySetFetch {
    private static let timeoutMilliseconds: UInt64 = 5_000

    static func fetch(_ pool: String, from identity: InternalClient) async throws(JWKSFetchError) -> [UInt8] {
        var call = OutgoingCall(.get, Array("/\(pool)/.well-known/jwks.json".utf8))
        call.timeoutMilliseconds = timeoutMilliseconds
        do throws(InternalClientError) {
            // A redirect is no answer either: keys come from nowhere else.
            return try await identity.body(of: call, upTo: JWKSet.maximumLength)
        } catch {
            switch error {
            case .refused(.notFound): throw .notFound
            case .transport(.connect), .transport(.timeout), .credentials, .refused(.serviceUnavailable): throw .away
            case .transport, .refused, .malformedAnswer: throw .failed
            }
        }
    }
}
