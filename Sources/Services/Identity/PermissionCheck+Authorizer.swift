import HTTP
import JSON
import Trust

extension PermissionCheck {
    /// Asks the authorizer each time: a decision is never kept.
    static func authorizer(_ client: InternalClient) -> PermissionCheck {
        PermissionCheck { principal, action, resource in
            let question: JSONValue = ["principal": .string(principal), "action": .string(action), "resource": .string(resource)]
            let answer: JSONValue
            do throws(InternalClientError) {
                answer = try await client.json(.json(.post, "/internal/v1/decision", JSON.encode(question)))
            } catch {
                throw Unanswered.noAnswer(error)
            }
            guard let decision = answer["decision"]?.string.flatMap(Decision.init(rawValue:)) else { throw Unanswered.notUnderstood }
            return decision
        }
    }

    /// Why there is no decision. Never taken for one.
    enum Unanswered: Error {
        case noAnswer(InternalClientError)
        case notUnderstood
    }
}
