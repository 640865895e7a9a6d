public import Encodings
import HTTP
import JSON
public import Trust

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

    private let service: ToolClient

    /// - Parameter service: the identity service.
    public init(of service: ToolClient) { self.service = service }

    public func rotate(_ pool: String) async throws(ToolError) -> Begun {
        guard let begun = try await ask(["pool": .string(pool)]) else { throw .refused("\(service.address) has no answer for \(pool)") }
        return begun
    }

    /// The keys of the pool after this one in the order of ids; nil after the last. The first comes after the empty id.
    public func rotate(after pool: String) async throws(ToolError) -> Begun? { try await ask(["after": .string(pool)]) }

    private func ask(_ question: JSONValue) async throws(ToolError) -> Begun? {
        let answer = try await service.ask(.json(.post, TokenKeyRoutes.target, JSON.encode(question)))
        guard let pool = answer["pool"]?.string else { return nil }
        guard let isNew = answer["new"]?.bool, let signing = answer["signing"]?.int else {
            throw .refused("\(service.address) gave no answer that can be read")
        }
        return Begun(pool: pool, isNew: isNew, signing: Timestamp(seconds: signing))
    }
}
