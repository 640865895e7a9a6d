internal import Backups
internal import Contracts
internal import Encodings
internal import HTTP
internal import JSON
internal import Trust

/// What the service's own tools ask (see `ToolKey`): a tenant's notes, opened.
///
///     POST /internal/v1/export    {"tenant": "…"}    → lines of JSON, one for each note
struct ExportRoute: Sendable {
    let export: TenantExport
    let gate: RestoreGate

    func routes(_ verifier: InternalVerifier) -> [Route] {
        let rule = CallRule([verifier.callee], identity: .forbidden)
        return [verifier.route(.post, ExportClient.target, rule, bodyLimit: 1024) { try await answer($0) }]
    }

    private func answer(_ call: InternalCall) async throws(NotesError) -> Response {
        guard gate.isOpen else { throw .restoring }
        guard let tenant = (try? JSON.parse(call.body))?["tenant"]?.string else { throw .invalid("The body names no tenant") }
        let body = try await export.body(of: tenant, requestID: call.context.requestID.description)
        return Response(headers: [.contentType: "application/x-ndjson"], body: body)
    }
}
