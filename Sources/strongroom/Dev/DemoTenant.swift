import Crypto
import Encodings
import Files
import JSON

/// The tenant a newcomer starts with: a user pool, an app client without a secret, two users. Made once, through the public API, with the root key; what a
/// first start that was interrupted has made of it is taken up by the next.
struct DemoTenant: Equatable {
    struct User: Equatable {
        let username: String
        let password: String
        let sub: String
    }

    let pool: String
    let client: String
    let users: [User]

    /// Reads what an earlier start made, or makes it now. The file has the pool as soon as there is one, and the rest in the end.
    static func load(from file: String, orMakeWith aws: AWSClient) async throws -> DemoTenant {
        let pool: String
        if File.exists(file) {
            let known = try JSON.parse(try File.read(file, limit: 1 << 16))
            if let tenant = DemoTenant(json: known) { return tenant }
            guard known.object?.count == 1, let begun = known["userPoolId"]?.string else {
                throw DevError.unusableFolder(folder: file, cause: "it is not what an earlier start wrote")
            }
            pool = begun
        } else {
            let made = try await aws.identity("CreateUserPool", ["PoolName": "demo", "UsernameConfiguration": ["CaseSensitive": false]])
            guard let id = made["UserPool"]?["Id"]?.string else { throw unexpected("CreateUserPool") }
            try File.replace(file, with: JSON.encode(["userPoolId": .string(id)]))
            pool = id
        }
        let tenant = try await make(in: pool, with: aws)
        try File.replace(file, with: JSON.encode(tenant.json))
        return tenant
    }

    private static func make(in id: String, with aws: AWSClient) async throws -> DemoTenant {
        let clients = try await aws.identity("ListUserPoolClients", ["UserPoolId": .string(id), "MaxResults": 60])["UserPoolClients"]
        let app =
            if let known = entry("ClientName", "demo", in: clients) { known } else {
                try await aws.identity(
                    "CreateUserPoolClient",
                    [
                        "UserPoolId": .string(id), "ClientName": "demo",
                        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
                    ])["UserPoolClient"]
            }
        guard let client = app?["ClientId"]?.string else { throw unexpected("CreateUserPoolClient") }
        let known = try await aws.identity("ListUsers", ["UserPoolId": .string(id)])["Users"]
        var users: [User] = []
        for username in ["ada", "grace"] {
            let user =
                if let found = entry("Username", username, in: known) { found } else {
                    try await aws.identity(
                        "AdminCreateUser", ["UserPoolId": .string(id), "Username": .string(username), "MessageAction": "SUPPRESS"])["User"]
                }
            guard let sub = entry("Name", "sub", in: user?["Attributes"])?["Value"]?.string else { throw unexpected("AdminCreateUser") }
            let password = "Demo-1-" + Base64URL.encode(Random.bytes(12))
            _ = try await aws.identity(
                "AdminSetUserPassword",
                ["UserPoolId": .string(id), "Username": .string(username), "Password": .string(password), "Permanent": true])
            users.append(User(username: username, password: password, sub: sub))
        }
        return DemoTenant(pool: id, client: client, users: users)
    }

    private static func entry(_ member: String, _ name: String, in list: JSONValue?) -> JSONValue? {
        list?.array?.first { $0[member]?.string == name }
    }

    /// An id token for the first user.
    func signIn(with aws: AWSClient) async throws -> String {
        let answer = try await aws.identity(
            "InitiateAuth",
            [
                "ClientId": .string(client), "AuthFlow": "USER_PASSWORD_AUTH",
                "AuthParameters": ["USERNAME": .string(users[0].username), "PASSWORD": .string(users[0].password)],
            ])
        guard let token = answer["AuthenticationResult"]?["IdToken"]?.string else { throw Self.unexpected("InitiateAuth") }
        return token
    }

    private static func unexpected(_ operation: String) -> DevError {
        .refused(operation: operation, status: 200, body: "the answer lacks what was asked for")
    }
}

extension DemoTenant {
    var json: JSONValue {
        [
            "userPoolId": .string(pool), "clientId": .string(client),
            "users": .array(users.map { ["username": .string($0.username), "password": .string($0.password), "sub": .string($0.sub)] }),
        ]
    }

    init?(json: JSONValue) {
        guard let pool = json["userPoolId"]?.string, let client = json["clientId"]?.string, let list = json["users"]?.array else { return nil }
        let users = list.compactMap { entry -> User? in
            guard let username = entry["username"]?.string, let password = entry["password"]?.string, let sub = entry["sub"]?.string else {
                return nil
            }
            return User(username: username, password: password, sub: sub)
        }
        guard users.count == list.count, !users.isEmpty else { return nil }
        self.init(pool: pool, client: client, users: users)
    }
}
