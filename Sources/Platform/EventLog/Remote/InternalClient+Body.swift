internal import HTTP
internal import Trust

extension InternalClient {
    /// The bytes of an answer of status 200: our own messages are parsed by their own types.
    func body(of call: OutgoingCall) async throws(InternalClientError) -> [UInt8] {
        let response = try await send(call)
        guard response.status == .ok else { throw .refused(response.status) }
        do throws(ClientError) {
            return try await response.body.collect(upTo: 1 << 20)
        } catch {
            throw .transport(error)
        }
    }
}
