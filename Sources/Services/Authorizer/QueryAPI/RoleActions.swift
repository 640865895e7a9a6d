internal import Bootstrap
internal import Encodings
internal import JSON
internal import Policies

enum RoleActions {
    static let all: [QueryAction] = [create, get, list, delete]

    /// IAM's default quota.
    private static let maximumRoles = 1000

    private static let create = QueryAction(
        .iam, "CreateRole", ["RoleName", "Path", "AssumeRolePolicyDocument", "Description", "MaxSessionDuration"],
        resource: { call throws(QueryError) in call.account.role(try call.request.path(), try call.roleName()) },
        perform: { call in
            let name = try call.roleName()
            let role = Role(
                name: name, id: IAMIdentifiers.make("AROA"), path: try call.request.path(), description: try description(call.request),
                trustPolicy: try trustPolicy(call.request),
                maximumSession: try call.request.integer("MaxSessionDuration", in: 3600...43_200, default: 3600), created: call.now)
            try await call.store.change { directory throws(QueryError) in
                guard directory.role(name) == nil else { throw .alreadyExists("Role with name \(name) already exists.") }
                guard directory.roles.count < maximumRoles else { throw .limitExceeded("Cannot exceed quota for RolesPerAccount: \(maximumRoles)") }
                return ([.putRole(role)], ())
            }
            return { xml in xml.element("Role") { write(role, call.account, to: &$0) } }
        })

    private static let get = QueryAction(
        .iam, "GetRole", ["RoleName"], resource: { call throws(QueryError) in try call.roleARN() },
        perform: { call in
            let role = try call.store.current.existingRole(call.roleName())
            return { xml in xml.element("Role") { write(role, call.account, to: &$0) } }
        })

    private static let list = QueryAction(
        .iam, "ListRoles", ["PathPrefix", "Marker", "MaxItems"], resource: { call throws(QueryError) in call.account.role("/", "") },
        perform: { call in
            let prefix = try call.request.pathPrefix()
            let roles = call.store.current.roles.filter { $0.value.path.hasPrefix(prefix) }
            let page = try Page(of: roles.map { ($0.key, $0.value) }, call.request)
            return { xml in page.write("Roles", to: &xml) { write($0, call.account, to: &$1) } }
        })

    private static let delete = QueryAction(
        .iam, "DeleteRole", ["RoleName"], resource: { call throws(QueryError) in try call.roleARN() },
        perform: { call in
            let name = try call.roleName()
            try await call.store.change { directory throws(QueryError) in
                guard try directory.existingRole(name).policies.isEmpty else {
                    throw .deleteConflict("Cannot delete entity, must delete policies first.")
                }
                return ([.deleteRole(name)], ())
            }
            return nil
        })

    private static func write(_ role: Role, _ account: Account, to xml: inout AnswerWriter) {
        xml.element("Path", role.path)
        xml.element("RoleName", role.name)
        xml.element("RoleId", role.id)
        xml.element("Arn", account.arn(of: role))
        xml.element("CreateDate", role.created.iso8601Seconds())
        xml.element("AssumeRolePolicyDocument", PercentEncoding.encode(role.trustPolicy))
        if let description = role.description { xml.element("Description", description) }
        xml.element("MaxSessionDuration", "\(role.maximumSession)")
    }

    /// A trust policy has a principal and may have conditions, so it is no identity-based policy; that it is JSON and that its statements have the members that
    /// they must have, and none that they can't, is checked.
    private static func trustPolicy(_ request: QueryRequest) throws(QueryError) -> String {
        let text = try request.required("AssumeRolePolicyDocument")
        guard text.utf8.count <= 8192 else { throw .malformedPolicy(.tooLong(text.utf8.count, limit: 8192)) }
        let document: JSONValue
        do throws(JSONError) {
            document = try JSON.parse(text)
        } catch {
            throw .malformedPolicy(.syntax(error))
        }
        let statements = document["Statement"]?.array ?? document["Statement"].map { [$0] } ?? []
        guard !statements.isEmpty else { throw .malformedPolicy(.unexpected("a policy must have statements")) }
        for statement in statements { try check(trust: statement) }
        return text
    }

    private static func check(trust statement: JSONValue) throws(QueryError) {
        guard let effect = statement["Effect"]?.string, effect == "Allow" || effect == "Deny" else { throw .malformedPolicy(.missingEffect) }
        guard [statement["Principal"], statement["NotPrincipal"]].contains(where: { $0?.string != nil || $0?.object?.isEmpty == false }) else {
            throw .malformedPolicy(.unexpected("a statement of a trust policy must have a Principal"))
        }
        guard [statement["Action"], statement["NotAction"]].contains(where: { $0?.string != nil || $0?.array?.isEmpty == false }) else {
            throw .malformedPolicy(.missingActions)
        }
        guard statement["Resource"] == nil, statement["NotResource"] == nil else {
            throw .malformedPolicy(.unexpected("a statement of a trust policy has no Resource"))
        }
    }

    private static func isDescriptive(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\t", "\n", "\r", " "..."~", "\u{A1}"..."\u{FF}": true
        default: false
        }
    }

    private static func description(_ request: QueryRequest) throws(QueryError) -> String? {
        guard let text = request.text("Description") else { return nil }
        guard text.unicodeScalars.count <= 1000 else {
            throw .invalidParameter("Description", constraint: "Member must have length less than or equal to 1000")
        }
        guard text.unicodeScalars.allSatisfy(isDescriptive) else {
            throw .invalidParameter(
                "Description",
                constraint: "Member must satisfy regular expression pattern: [\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*")
        }
        return text
    }
}
