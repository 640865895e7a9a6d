import Crypto
import Encodings
import Files
import JSON

/// The tenant a newcomer starts with: a user pool, an app client without a secret, two users. Made once, through the public API, with the root key.
struct DemoTenant: Equatable {
    struct User: Equatable {
        let username: String
        let password: String
        let sub: String
    }

    let pool: String
    let client: String
    let users: [User]

    /// Reads what an earlier start made, or makes it now.
    static func load(from file: String, orMakeWith aws: AWSClient) async throws -> DemoTenant {
        if File.exists(file) {
            guard let tenant = DemoTenant(json: try JSON.parse(try File.read(file, limit: 1 << 16))) else {
                throw DevError.unusableFolder(folder: file, cause: "it is not what an earlier start wrote")
            }
            return tenant
        }
        let tenant = try await make(with: aws)
        try File.replace(file, with: JSON.encode(tenant.json))
        return tenant
    }

    private static func make(with aws: AWSClient) async throws -> DemoTenant {
        let pool = try await aws.identity("CreateUserPool", ["PoolName": "demo"])
        guard let id = pool["UserPool"]?["Id"]?.string else { throw unexpected("CreateUserPool") }
        let app = try await aws.identity(
            "CreateUserPoolClient",
            [
                "UserPoolId": .string(id), "ClientName": "demo",
                "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            ])
        guard let client = app["UserPoolClient"]?["ClientId"]?.string else { throw unexpected("CreateUserPoolClient") }
        var users: [User] = []
        for username in ["ada", "grace"] {
            let made = try await aws.identity(
                "AdminCreateUser", ["UserPoolId": .string(id), "Username": .string(username), "MessageAction": "SUPPRESS"])
            let attributes = made["User"]?["Attributes"]?.array ?? []
            guard let sub = attributes.first(where: { $0["Name"]?.string == "sub" })?["Value"]?.string else { throw unexpected("AdminCreateUser") }
            let password = "Demo-1-" + Base64URL.encode(Random.bytes(12))
            _ = try await aws.identity(
                "AdminSetUserPassword",
                ["UserPoolId": .string(id), "Username": .string(username), "Password": .string(password), "Permanent": true])
            users.append(User(username: username, password: password, sub: sub))
        }
        return DemoTenant(pool: id, client: client, users: users)
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
