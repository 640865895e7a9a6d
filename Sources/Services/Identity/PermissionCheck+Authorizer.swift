import HTTP
import JSON
import Trust

extension PermissionCheck {
    /// Asks the authorizer each time: a decision is never kept.
    static func authorizer(_ client: InternalClient) -> PermissionCheck {
        PermissionCheck { principal, action, resource, cause in
            let question: JSONValue = ["principal": .string(principal), "action": .string(action), "resource": .string(resource)]
            var call = OutgoingCall.json(.post, "/internal/v1/decision", JSON.encode(question))
            call.cause = cause
            let answer: JSONValue
            do throws(InternalClientError) {
                answer = try await client.json(call)
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
