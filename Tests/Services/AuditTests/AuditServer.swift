import Bootstrap
import Contracts
import HTTP
import JSON
import ServiceFixture
import Testing

@testable import Audit

typealias AuditServer = RunningService<AuditService>

extension AuditServer {
    static func user(_ name: String, of tenant: String = EventStream.tenant, groups: [String] = []) -> CallerIdentity {
        CallerIdentity(method: .jwt, subject: name, tenant: tenant, username: name, groups: groups)
    }

    /// A stream that the service believes.
    func stream(tenant: String = EventStream.tenant, shard: UInt32 = 0, epoch: UInt64 = 1) throws -> EventStream {
        let key = try #require(keyring.eventKeys.first { $0.source == .notes })
        return EventStream(tenant: tenant, shard: shard, epoch: epoch, keyID: key.kid, key: key.key)
    }

    func store(_ envelopes: [[UInt8]]) async throws {
        #expect(try await service.intake.receive(envelopes) == 0)
    }

    func get(_ target: String, as identity: CallerIdentity?, from caller: ServiceName = .gateway) async throws -> Answer {
        try await send(.get, target, as: identity, from: caller)
    }
}

extension AuditServer.Answer {
    var events: [JSONValue] { json["events"]?.array ?? [] }
    var error: String? { json["error"]?.string }
}
