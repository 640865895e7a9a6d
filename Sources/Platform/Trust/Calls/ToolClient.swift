public import Bootstrap
public import Contracts
public import HTTP
public import JSON

/// Asks a running service as one of its own tools, by calls that are signed with its `ToolKey`.
public struct ToolClient: Sendable {
    /// Where the service listens, as a refusal names it.
    public let address: String
    private let client: InternalClient

    /// - Parameter secrets: the service's own: whoever can read them may ask.
    public init(
        of service: ServiceName, at endpoint: Endpoint, secrets: SecretsFolder, client: HTTPClient, clock: WallClock
    ) throws(SecretsError) {
        self.client = InternalClient(
            callee: service, endpoint: endpoint, region: try secrets.keyring().cluster, client: client, key: try secrets.toolKey(), clock: clock)
        address = endpoint.text
    }

    /// The answer, whatever its status; its body is still to be read.
    /// - Throws: ``ToolError/noAnswer(address:cause:)``.
    public func send(_ call: OutgoingCall) async throws(ToolError) -> ClientResponse {
        do throws(InternalClientError) { return try await client.send(call) } catch { throw .noAnswer(address: address, cause: "\(error)") }
    }

    /// The JSON, 64 KiB at most, of an answer of status 200 or 202; null where it can't be read.
    /// - Throws: for another status ``ToolError/refused(_:)`` with the `reason` that the answer gives, or with the status.
    public func ask(_ call: OutgoingCall) async throws(ToolError) -> JSONValue {
        let response = try await send(call)
        let body: [UInt8]
        do throws(ClientError) {
            body = try await response.body.collect(upTo: 1 << 16)
        } catch {
            throw .noAnswer(address: address, cause: "\(error)")
        }
        let answer = (try? JSON.parse(body)) ?? .null
        switch response.status {
        case .ok, .accepted: return answer
        case .forbidden, .unauthorized: throw .refused("\(address) does not know these secrets")
        case let status: throw .refused(answer["reason"]?.string ?? "\(address) answered \(status.rawValue)")
        }
    }
}
