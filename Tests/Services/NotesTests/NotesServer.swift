import Contracts
import ServiceFixture

@testable import Notes

typealias NotesServer = RunningService<NotesService>

extension NotesServer {
    static func user(_ name: String, of tenant: String = "us-east-1_Alpha") -> CallerIdentity {
        CallerIdentity(method: .jwt, subject: name, tenant: tenant, username: name)
    }
}
