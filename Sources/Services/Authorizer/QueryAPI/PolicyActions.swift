internal import Encodings
internal import Policies

/// Inline policies, of roles and of users alike.
enum PolicyActions {
    static let all: [QueryAction] = [OwnerKind.role, .user].flatMap { [put($0), get($0), list($0), delete($0)] }

    private static func put(_ kind: OwnerKind) -> QueryAction {
        QueryAction(
            .iam, "Put\(kind.word)Policy", [kind.parameter, "PolicyName", "PolicyDocument"], resource: kind.resource,
            perform: { call in
                let owner = try kind.ownerName(call)
                let name = try call.request.name("PolicyName", upTo: 128)
                let policy = try read(call.request.required("PolicyDocument"), named: name, limit: kind.policyLimit)
                try await call.store.change { directory throws(QueryError) in
                    let others = try kind.policies(of: owner, in: directory).filter { $0.name != name }
                    let size = others.reduce(length(policy.text)) { $0 + length($1.text) }
                    guard size <= kind.policyLimit else {
                        throw .limitExceeded("Maximum policy size of \(kind.policyLimit) bytes exceeded for \(kind.rawValue) \(owner)")
                    }
                    return ([.putPolicy(kind, owner: owner, policy)], ())
                }
                return nil
            })
    }

    private static func get(_ kind: OwnerKind) -> QueryAction {
        QueryAction(
            .iam, "Get\(kind.word)Policy", [kind.parameter, "PolicyName"], resource: kind.resource,
            perform: { call in
                let owner = try kind.ownerName(call)
                let name = try call.request.name("PolicyName", upTo: 128)
                guard let policy = try kind.policies(of: owner, in: call.store.current).first(where: { $0.name == name }) else {
                    throw notFound(kind, name)
                }
                return { xml in
                    xml.element(kind.parameter, owner)
                    xml.element("PolicyName", policy.name)
                    xml.element("PolicyDocument", PercentEncoding.encode(policy.text))
                }
            })
    }

    private static func list(_ kind: OwnerKind) -> QueryAction {
        QueryAction(
            .iam, "List\(kind.word)Policies", [kind.parameter, "Marker", "MaxItems"], resource: kind.resource,
            perform: { call in
                let policies = try kind.policies(of: kind.ownerName(call), in: call.store.current)
                let page = try Page(of: policies.map { ($0.name, $0.name) }, call.request)
                return { xml in
                    xml.element("PolicyNames") { list in
                        for name in page.items { list.element("member", name) }
                    }
                    xml.element("IsTruncated", page.marker == nil ? "false" : "true")
                    if let marker = page.marker { xml.element("Marker", marker) }
                }
            })
    }

    private static func delete(_ kind: OwnerKind) -> QueryAction {
        QueryAction(
            .iam, "Delete\(kind.word)Policy", [kind.parameter, "PolicyName"], resource: kind.resource,
            perform: { call in
                let owner = try kind.ownerName(call)
                let name = try call.request.name("PolicyName", upTo: 128)
                try await call.store.change { directory throws(QueryError) in
                    guard try kind.policies(of: owner, in: directory).contains(where: { $0.name == name }) else { throw notFound(kind, name) }
                    return ([.deletePolicy(kind, owner: owner, name: name)], ())
                }
                return nil
            })
    }

    private static func read(_ text: String, named name: String, limit: Int) throws(QueryError) -> InlinePolicy {
        do throws(PolicyError) {
            return InlinePolicy(name: name, text: text, document: try PolicyDocument(parsing: text.utf8.span, limit: limit))
        } catch {
            throw .malformedPolicy(error)
        }
    }

    /// Characters without white space, as IAM counts.
    private static func length(_ text: String) -> Int { text.utf8.count { $0 > 0x20 } }

    private static func notFound(_ kind: OwnerKind, _ name: String) -> QueryError {
        .noSuchEntity("The \(kind.rawValue) policy with name \(name) cannot be found.")
    }
}

extension OwnerKind {
    /// As it stands in the actions' names.
    fileprivate var word: String { self == .role ? "Role" : "User" }
    fileprivate var parameter: String { self == .role ? "RoleName" : "UserName" }

    fileprivate func ownerName(_ call: QueryInvocation) throws(QueryError) -> String {
        switch self {
        case .role: try call.roleName()
        case .user: try call.request.name("UserName", upTo: 128)
        }
    }

    fileprivate var resource: @Sendable (QueryInvocation) throws(QueryError) -> String {
        switch self {
        case .role: { call throws(QueryError) in try call.roleARN() }
        case .user: { call throws(QueryError) in try call.userARN() }
        }
    }

    fileprivate func policies(of owner: String, in directory: AccountDirectory) throws(QueryError) -> [InlinePolicy] {
        switch self {
        case .role: try directory.existingRole(owner).policies
        case .user: try directory.existingUser(owner).policies
        }
    }
}
