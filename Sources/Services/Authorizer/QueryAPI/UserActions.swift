internal import Bootstrap
internal import Encodings

enum UserActions {
    static let all: [QueryAction] = [create, get, list, delete]

    /// IAM's default quota.
    private static let maximumUsers = 5000

    private static let create = QueryAction(
        .iam, "CreateUser", ["UserName", "Path"],
        resource: { call throws(QueryError) in call.account.user(try call.request.path(), try call.request.name("UserName", upTo: 64)) },
        perform: { call in
            let name = try call.request.name("UserName", upTo: 64)
            let user = User(name: name, id: IAMIdentifiers.make("AIDA"), path: try call.request.path(), created: call.now)
            try await call.store.change { directory throws(QueryError) in
                guard directory.user(name) == nil else { throw .alreadyExists("User with name \(name) already exists.") }
                guard directory.users.count < maximumUsers else { throw .limitExceeded("Cannot exceed quota for UsersPerAccount: \(maximumUsers)") }
                return ([.putUser(user)], ())
            }
            return { xml in xml.element("User") { write(user, call.account, to: &$0) } }
        })

    private static let get = QueryAction(
        .iam, "GetUser", ["UserName"], resource: { call throws(QueryError) in try call.userARN() },
        perform: { call in
            // Without a name it is the caller; the root principal is one, too.
            if call.request.text("UserName") == nil, case .root = call.principal {
                // The account is as old as the role that it begins with.
                let created = call.store.current.role(DefaultRole.name)?.created
                return { xml in
                    xml.element("User") { user in
                        user.element("UserId", call.account.number)
                        user.element("Arn", call.account.root)
                        if let created { user.element("CreateDate", created.iso8601Seconds()) }
                    }
                }
            }
            let user = try call.store.current.existingUser(call.userName())
            return { xml in xml.element("User") { write(user, call.account, to: &$0) } }
        })

    private static let list = QueryAction(
        .iam, "ListUsers", ["PathPrefix", "Marker", "MaxItems"], resource: { call throws(QueryError) in call.account.user("/", "") },
        perform: { call in
            let prefix = try call.request.pathPrefix()
            let users = call.store.current.users.filter { $0.value.path.hasPrefix(prefix) }
            let page = try Page(of: users.map { ($0.key, $0.value) }, call.request)
            return { xml in page.write("Users", to: &xml) { write($0, call.account, to: &$1) } }
        })

    private static let delete = QueryAction(
        .iam, "DeleteUser", ["UserName"], resource: { call throws(QueryError) in try call.userARN() },
        perform: { call in
            let name = try call.userName()
            try await call.store.change { directory throws(QueryError) in
                let user = try directory.existingUser(name)
                guard user.policies.isEmpty else { throw .deleteConflict("Cannot delete entity, must delete policies first.") }
                guard directory.keys(of: user).isEmpty else { throw .deleteConflict("Cannot delete entity, must delete access keys first.") }
                return ([.deleteUser(name)], ())
            }
            return nil
        })

    private static func write(_ user: User, _ account: Account, to xml: inout AnswerWriter) {
        xml.element("Path", user.path)
        xml.element("UserName", user.name)
        xml.element("UserId", user.id)
        xml.element("Arn", account.arn(of: user))
        xml.element("CreateDate", user.created.iso8601Seconds())
    }
}
