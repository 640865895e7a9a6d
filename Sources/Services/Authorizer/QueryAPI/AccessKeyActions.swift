internal import Bootstrap
internal import Encodings

enum AccessKeyActions {
    static let all: [QueryAction] = [create, update, list, delete]

    /// IAM's quota.
    private static let maximumKeys = 2

    private static let create = QueryAction(
        .iam, "CreateAccessKey", ["UserName"], resource: { call throws(QueryError) in try call.userARN() },
        perform: { call in
            let name = try call.userName()
            let secret = IAMIdentifiers.secret()
            let id = IAMIdentifiers.accessKeyID()
            let (user, key) = try await call.store.change { directory throws(QueryError) in
                let user = try directory.existingUser(name)
                guard directory.keys(of: user).count < maximumKeys else {
                    throw .limitExceeded("Cannot exceed quota for AccessKeysPerUser: \(maximumKeys)")
                }
                let key = AccessKey(id: id, owner: user.name.lowercased(), status: .active, secret: Array(secret.utf8), created: call.now)
                return ([.putKey(key)], (user, key))
            }
            return { xml in
                xml.element("AccessKey") { element in
                    write(key, user, to: &element)
                    // Shown once, here; nobody can read it again.
                    element.element("SecretAccessKey", secret)
                }
            }
        })

    private static let update = QueryAction(
        .iam, "UpdateAccessKey", ["UserName", "AccessKeyId", "Status"], resource: { call throws(QueryError) in try call.userARN() },
        perform: { call in
            let name = try call.userName()
            let id = try call.request.required("AccessKeyId")
            guard let status = AccessKey.Status(rawValue: try call.request.required("Status")) else {
                throw QueryError.invalidParameter("Status", constraint: "Member must satisfy enum value set: [Active, Inactive]")
            }
            try await call.store.change { directory throws(QueryError) in
                var key = try existingKey(id, of: name, in: directory)
                key.status = status
                return ([.putKey(key)], ())
            }
            return nil
        })

    private static let list = QueryAction(
        .iam, "ListAccessKeys", ["UserName", "Marker", "MaxItems"], resource: { call throws(QueryError) in try call.userARN() },
        perform: { call in
            let directory = call.store.current
            let user = try directory.existingUser(call.userName())
            let page = try Page(of: directory.keys(of: user).map { ($0.id, $0) }, call.request)
            return { xml in page.write("AccessKeyMetadata", to: &xml) { write($0, user, to: &$1) } }
        })

    private static let delete = QueryAction(
        .iam, "DeleteAccessKey", ["UserName", "AccessKeyId"], resource: { call throws(QueryError) in try call.userARN() },
        perform: { call in
            let name = try call.userName()
            let id = try call.request.required("AccessKeyId")
            try await call.store.change { directory throws(QueryError) in
                ([.deleteKey(try existingKey(id, of: name, in: directory).id)], ())
            }
            return nil
        })

    /// Somebody else's key is as absent as none.
    private static func existingKey(_ id: String, of name: String, in directory: AccountDirectory) throws(QueryError) -> AccessKey {
        let user = try directory.existingUser(name)
        guard let key = directory.keys[id], key.owner == user.name.lowercased() else {
            throw .noSuchEntity("The Access Key with id \(id) cannot be found.")
        }
        return key
    }

    private static func write(_ key: AccessKey, _ user: User, to xml: inout AnswerWriter) {
        xml.element("UserName", user.name)
        xml.element("AccessKeyId", key.id)
        xml.element("Status", key.status.rawValue)
        xml.element("CreateDate", key.created.iso8601Seconds())
    }
}
