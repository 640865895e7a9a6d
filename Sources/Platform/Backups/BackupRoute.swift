internal import Contracts
internal import Encodings
public import HTTP
internal import JSON
public import Trust

extension BackupDesk {
    static let target = "/internal/v1/backup"

    /// For the service's own tools (see `ToolKey`): `POST` with `{"name": "…", "without": ["…"]}` begins a backup, without those tenants, `GET` tells what became of it.
    public func routes(_ verifier: InternalVerifier) -> [Route] {
        let rule = CallRule([verifier.callee], identity: .forbidden)
        return [
            verifier.route(.post, Self.target, rule, bodyLimit: 1 << 16) { await self.begin($0) },
            verifier.route(.get, Self.target, rule, bodyLimit: 0) { _ in self.report() },
        ]
    }

    private func begin(_ call: InternalCall) async -> Response {
        guard let body = try? JSON.parse(call.body), let name = body["name"]?.string else {
            return Self.refusal(.badRequest, "the body names no backup")
        }
        do {
            try await start(try BackupName(name), without: Set(body["without"]?.array?.compactMap(\.string) ?? []))
            return report(.accepted)
        } catch {
            return Self.refusal(.conflict, "\(error)")
        }
    }

    private func report(_ status: Status = .ok) -> Response {
        let body: JSONValue =
            switch progress {
            case .none: ["state": .string("none")]
            case .running(let name): ["state": .string("running"), "name": .string(name.text)]
            case .complete(let name, let folder, let files, let bytes):
                [
                    "state": .string("complete"), "name": .string(name.text), "folder": .string(folder), "files": .number(JSONNumber(Int64(files))),
                    "bytes": .number(JSONNumber(Int64(bytes))),
                ]
            case .failed(let name, let reason): ["state": .string("failed"), "name": .string(name.text), "reason": .string(reason)]
            }
        return .json(JSON.encode(body), status: status)
    }

    private static func refusal(_ status: Status, _ reason: String) -> Response {
        .json(JSON.encode(["reason": .string(reason)]), status: status)
    }
}
