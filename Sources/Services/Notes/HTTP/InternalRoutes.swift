internal import Contracts
internal import Encodings
internal import EventLog
internal import HTTP
internal import Trust

/// What the audit service asks of a source of events: which streams there are, and events it is missing.
struct InternalRoutes: Sendable {
    let source: NotesSource

    private static let rule = CallRule([.audit], identity: .forbidden)

    func routes(_ verifier: InternalVerifier) -> [Route] {
        [
            verifier.route(.get, SignedSourceClient.streamsPath, Self.rule, bodyLimit: 0) { try await streams($0) },
            verifier.route(.post, SignedSourceClient.replayPath, Self.rule, bodyLimit: 1 << 16) { try await replay($0) },
        ]
    }

    private func streams(_ call: InternalCall) async throws(NotesError) -> Response {
        let query = try StreamsQuery(call.request.query)
        do throws(OutboxSourceError) {
            return .json(try await source.streams(tenant: query.tenant, after: query.after, limit: query.limit).encoded())
        } catch {
            throw NotesError(error)
        }
    }

    private func replay(_ call: InternalCall) async throws(NotesError) -> Response {
        let request: ReplayRequest
        do throws(MessageError) {
            request = try ReplayRequest(call.body.span, source: .notes)
        } catch {
            throw .invalid("The body is not a replay request")
        }
        do throws(OutboxSourceError) {
            let head = try await source.head(of: request.stream)
            let events = try await source.events(
                of: request.stream, from: request.from, to: request.to, count: ReplayResponse.maximumEvents, bytes: ReplayResponse.maximumBytes)
            return .json(ReplayResponse(head: head, envelopes: events.map(\.envelope)).encoded())
        } catch {
            throw NotesError(error)
        }
    }
}
