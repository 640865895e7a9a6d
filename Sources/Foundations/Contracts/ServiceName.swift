/// The five services of a cluster; also the service name in the credential scope of a signed internal call to one of them.
public enum ServiceName: String, CaseIterable, Hashable, Sendable {
    case gateway, identity, authorizer, notes, audit
}
