public import Bootstrap
import Contracts
public import Encodings
public import HTTP
import JSON
import Trust

/// Asks the running service to rotate the token keys of its pools, as one of its own tools.
public struct TokenKeyClient: Sendable {
    /// How the rotation of a pool's keys stands.
    public struct Begun: Equatable, Sendable {
        public let pool: String
        /// Whether this began it.
        public let isNew: Bool
        /// When the new keys sign.
        public let signing: Timestamp
    }

    /// Why keys are not rotated: one sentence for the operator.
    public struct Refused: Error, Equatable, CustomStringConvertible {
        public let description: String
    }

    private let client: InternalClient
    private let address: String

    /// - Parameter secrets: the identity service's own: whoever can read them may ask.
    public init(at endpoint: Endpoint, secrets: SecretsFolder, client: HTTPClient, clock: WallClock) throws {
        self.client = InternalClient(
            callee: .identity, endpoint: endpoint, region: try secrets.keyring().cluster, client: client, key: try secrets.toolKey(),
            clock: clock)
        address = endpoint.text
    }

    public func rotate(_ pool: String) async throws -> Begun {
        guard let begun = try await ask(["pool": .string(pool)]) else { throw Refused(description: "\(address) has no answer for \(pool)") }
        return begun
    }

    /// The keys of the pool after this one in the order of ids; nil after the last. The first comes after the empty id.
    public func rotate(after pool: String) async throws -> Begun? { try await ask(["after": .string(pool)]) }

    private func ask(_ question: JSONValue) async throws -> Begun? {
        let (status, body): (Status, [UInt8])
        do {
            let response = try await client.send(.json(.post, TokenKeyRoutes.target, JSON.encode(question)))
            (status, body) = (response.status, try await response.body.collect(upTo: 1 << 16))
        } catch {
            throw Refused(description: "\(address) does not answer: \(error)")
        }
        let answer = try? JSON.parse(body)
        switch status {
        case .ok: break
        case .forbidden, .unauthorized: throw Refused(description: "\(address) does not know these secrets")
        default: throw Refused(description: answer?["reason"]?.string ?? "\(address) answered \(status.rawValue)")
        }
        guard let pool = answer?["pool"]?.string else { return nil }
        guard let isNew = answer?["new"]?.bool, let signing = answer?["signing"]?.int else {
            throw Refused(description: "\(address) gave no answer that can be read")
        }
        return Begun(pool: pool, isNew: isNew, signing: Timestamp(seconds: signing))
    }
}
