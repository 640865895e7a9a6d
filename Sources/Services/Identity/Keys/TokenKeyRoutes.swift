import Contracts
import Encodings
import HTTP
import JSON
import Trust

/// For the service's own tools (see `ToolKey`): `POST` with `{"pool": ID}` rotates the token keys of a pool, with `{"after": ID}` those of the pool after
/// this one, so that a tool can go through all of them.
struct TokenKeyRoutes: Sendable {
    static let target = "/internal/v1/token-keys"

    let rotation: TokenKeyRotation

    func routes(_ verifier: InternalVerifier) -> [Route] {
        let rule = CallRule([verifier.callee], identity: .forbidden)
        return [verifier.route(.post, Self.target, rule, bodyLimit: 1024) { try await rotate($0) }]
    }

    private func rotate(_ call: InternalCall) async throws -> Response {
        let request = try? JSON.parse(call.body)
        if let named = request?["pool"]?.string {
            // What can't be a pool's id is not looked for.
            guard TextRule.poolID.violation(named) == nil else { return Self.refusal(.badRequest, "'pool' is no pool's id") }
            return try await rotate(named) ?? Self.refusal(.notFound, "there is no user pool \(named)")
        }
        guard var last = request?["after"]?.string else { return Self.refusal(.badRequest, "the body names no pool") }
        while let next = try await rotation.pool(after: last) {
            // One that was deleted meanwhile keeps no other from its new keys.
            if let answer = try await rotate(next) { return answer }
            last = next
        }
        return Self.answer(["pool": .null])
    }

    /// Nil where there is no such pool.
    private func rotate(_ pool: String) async throws -> Response? {
        do {
            let begun = try await rotation.begin(pool)
            return Self.answer([
                "pool": .string(begun.pool), "new": .bool(begun.isNew), "signing": .number(JSONNumber(begun.signing.seconds)),
            ])
        } catch let refusal as TokenKeyRotation.Refusal {
            return Self.answer(to: refusal, pool)
        }
    }

    private static func answer(to refused: TokenKeyRotation.Refusal, _ pool: String) -> Response? {
        switch refused {
        case .noSuchPool: nil
        case .tooManyKeys(let time):
            refusal(
                .conflict,
                "\(pool) has \(TokenKeyTimetable.maximumFormer) former keys with tokens that are still good; the first of them is over at \(time.iso8601())"
            )
        case .busy: refusal(.serviceUnavailable, "too many keys are being made")
        }
    }

    private static func answer(_ body: JSONValue) -> Response { .json(JSON.encode(body)) }

    private static func refusal(_ status: Status, _ reason: String) -> Response {
        .json(JSON.encode(["reason": .string(reason)]), status: status)
    }
}
