internal import Bootstrap
internal import Bytes
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

    /// A trust policy has a principal and may have conditions, so it is no identity-based policy. It is kept and shown, and not evaluated; that it follows the
    /// grammar of one is checked.
    private static func trustPolicy(_ request: QueryRequest) throws(QueryError) -> String {
        let text = try request.required("AssumeRolePolicyDocument")
        // White space doesn't count.
        guard text.utf8.count(where: { $0 > 0x20 }) <= maximumTrust else {
            throw .limitExceeded("Cannot exceed quota for ACLSizePerRole: \(maximumTrust)")
        }
        do throws(PolicyError) { try check(trust: text) } catch { throw .malformedPolicy(error) }
        return text
    }

    private static let maximumTrust = 8192

    private static func check(trust text: String) throws(PolicyError) {
        let value: JSONValue
        do throws(JSONError) { value = try JSON.parse(text) } catch { throw .syntax(error) }
        guard let document = value.object else { throw .unexpected("the document must be an object") }
        for member in document.members {
            switch (member.name, member.value) {
            case ("Version", "2012-10-17"), ("Version", "2008-10-17"), ("Id", .string), ("Statement", _): break
            default: throw .unexpected("element \(member.name)")
            }
        }
        let statements = document["Statement"]?.array ?? document["Statement"].map { [$0] } ?? []
        guard !statements.isEmpty else { throw .unexpected("a policy must have statements") }
        for statement in statements {
            guard let object = statement.object else { throw .unexpected("a statement must be an object") }
            try check(trust: object)
        }
    }

    private static func check(trust statement: JSONObject) throws(PolicyError) {
        for member in statement.members {
            switch member.name {
            case "Effect", "Principal", "NotPrincipal", "Action", "NotAction": break
            case "Sid":
                guard let id = member.value.string, id.utf8.allSatisfy(\.isAlphanumeric) else { throw .invalidStatementID("\(member.value)") }
            case "Condition":
                guard member.value.object != nil else { throw .unexpected("Condition must be an object") }
            case "Resource", "NotResource": throw .unexpected("a statement of a trust policy has no Resource")
            default: throw .unexpected("element \(member.name)")
            }
        }
        guard ["Allow", "Deny"].contains(statement["Effect"]) else { throw .missingEffect }
        for name in ["Principal", "Action"] where statement[name] != nil && statement["Not\(name)"] != nil { throw .both(name, "Not\(name)") }
        guard let principal = statement["Principal"] ?? statement["NotPrincipal"], isPrincipal(principal) else {
            throw .unexpected("a statement of a trust policy must have a Principal")
        }
        guard let actions = statement["Action"] ?? statement["NotAction"] else { throw .missingActions }
        guard areTexts(actions) else { throw .unexpected("Action must hold strings") }
    }

    /// Everybody, or some of each kind that there is.
    private static func isPrincipal(_ value: JSONValue) -> Bool {
        if value == "*" { return true }
        guard let kinds = value.object?.members, !kinds.isEmpty else { return false }
        return kinds.allSatisfy { ["AWS", "Service", "Federated", "CanonicalUser"].contains($0.name) && areTexts($0.value) }
    }

    /// One string, or a list of at least one.
    private static func areTexts(_ value: JSONValue) -> Bool {
        value.string != nil || value.array.map { !$0.isEmpty && $0.allSatisfy { $0.string != nil } } == true
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
