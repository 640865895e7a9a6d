import Foundation
import Testing

@Suite struct QueryAPITests {
    static let trust =
        #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"x.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#
    static func policy(_ action: String, _ resource: String, effect: String = "Allow") -> String {
        #"{"Version":"2012-10-17","Statement":[{"Effect":"\#(effect)","Action":"\#(action)","Resource":"\#(resource)"}]}"#
    }

    static func withBench(_ body: (AuthorizerBench) async throws -> Void) async throws {
        let bench = try await AuthorizerBench()
        do {
            try await body(bench)
        } catch {
            try await bench.close()
            throw error
        }
        try await bench.close()
    }

    @Test func `The root principal learns who it is`() async throws {
        try await Self.withBench { bench async throws in
            let answer = try await bench.query("GetCallerIdentity", version: "2011-06-15")
            #expect(answer.status == 200)
            #expect(answer["Arn"] == "arn:aws:iam::000000000000:root")
            #expect(answer["UserId"] == "000000000000")
            #expect(answer["Account"] == "000000000000")
            #expect(answer.text.hasPrefix(#"<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>"#))
            #expect(answer["RequestId"] == "00000000-0000-4001-8000-000000000002")
        }
    }

    @Test func `Roles are made, read, listed and deleted`() async throws {
        try await Self.withBench { bench async throws in
            let made = try await bench.query(
                "CreateRole", ["RoleName": "Reader", "Path": "/team/", "AssumeRolePolicyDocument": Self.trust, "Description": "a <b>"])
            #expect(made.status == 200)
            #expect(made["Arn"] == "arn:aws:iam::000000000000:role/team/Reader")
            #expect(made["RoleId"]?.hasPrefix("AROA") == true)
            #expect(made["Description"] == "a &lt;b&gt;")
            #expect(made["AssumeRolePolicyDocument"]?.hasPrefix("%7B%22Version%22") == true)
            let again = try await bench.query("CreateRole", ["RoleName": "reader", "AssumeRolePolicyDocument": Self.trust])
            #expect(again.status == 409)
            #expect(again["Code"] == "EntityAlreadyExists")
            #expect(try await bench.query("GetRole", ["RoleName": "READER"])["RoleName"] == "Reader")
            let list = try await bench.query("ListRoles", ["PathPrefix": "/team/"])
            #expect(list["RoleName"] == "Reader")
            #expect(list["IsTruncated"] == "false")
            #expect(try await bench.query("ListRoles")["RoleName"] == "Reader")
            #expect(try await bench.query("DeleteRole", ["RoleName": "Reader"]).status == 200)
            let gone = try await bench.query("GetRole", ["RoleName": "Reader"])
            #expect(gone.status == 404)
            #expect(gone["Code"] == "NoSuchEntity")
            #expect(gone["Message"] == "The role with name Reader cannot be found.")
        }
    }

    @Test func `A new account has the default role with its policy`() async throws {
        try await Self.withBench { bench async throws in
            #expect(try await bench.query("GetRole", ["RoleName": "strongroom-user"]).status == 200)
            #expect(try await bench.query("ListRolePolicies", ["RoleName": "strongroom-user"])["member"] == "invoke-api")
        }
    }

    @Test func `Inline policies come back as they were put`() async throws {
        try await Self.withBench { bench async throws in
            let text = Self.policy("execute-api:Invoke", "*")
            #expect(try await bench.query("PutRolePolicy", ["RoleName": "strongroom-user", "PolicyName": "p", "PolicyDocument": text]).status == 200)
            let got = try await bench.query("GetRolePolicy", ["RoleName": "strongroom-user", "PolicyName": "p"])
            #expect(got["PolicyDocument"]?.removingPercentEncoding == text)
            #expect(got["PolicyName"] == "p")
            #expect(try await bench.query("DeleteRole", ["RoleName": "strongroom-user"])["Code"] == "DeleteConflict")
            #expect(try await bench.query("DeleteRolePolicy", ["RoleName": "strongroom-user", "PolicyName": "p"]).status == 200)
            #expect(try await bench.query("DeleteRolePolicy", ["RoleName": "strongroom-user", "PolicyName": "p"])["Code"] == "NoSuchEntity")
            #expect(try await bench.query("GetUserPolicy", ["UserName": "nobody", "PolicyName": "p"])["Code"] == "NoSuchEntity")
        }
    }

    @Test(arguments: [
        (
            #"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}}"#,
            "MalformedPolicyDocument"
        ),
        (#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"}}"#, "MalformedPolicyDocument"),
        ("{", "MalformedPolicyDocument"), (#"{"Statement":[]}"#, "MalformedPolicyDocument"),
        (
            #"{"Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":["\#(String(repeating: #"arn:aws:s3:::bucket/x","#, count: 600))*"]}}"#,
            "LimitExceeded"
        ),
    ]) func `A policy that can't be kept to is refused at upload`(_ policy: String, _ code: String) async throws {
        let text = policy.replacing(#"x","#, with: #"x",""#)
        try await Self.withBench { bench async throws in
            let answer = try await bench.query("PutRolePolicy", ["RoleName": "strongroom-user", "PolicyName": "p", "PolicyDocument": text])
            #expect(answer["Code"] == code, "\(answer.text)")
            #expect(try await bench.query("GetRolePolicy", ["RoleName": "strongroom-user", "PolicyName": "p"])["Code"] == "NoSuchEntity")
        }
    }

    @Test func `All inline policies of a user together are limited`() async throws {
        try await Self.withBench { bench async throws in
            _ = try await bench.query("CreateUser", ["UserName": "u"])
            let long = Self.policy("s3:Get", "arn:aws:s3:::" + String(repeating: "x", count: 450))
            for number in 1...3 {
                #expect(try await bench.query("PutUserPolicy", ["UserName": "u", "PolicyName": "p\(number)", "PolicyDocument": long]).status == 200)
            }
            let over = try await bench.query("PutUserPolicy", ["UserName": "u", "PolicyName": "p4", "PolicyDocument": long])
            #expect(over.status == 409)
            #expect(over["Message"] == "Maximum policy size of 2048 bytes exceeded for user u")
            #expect(try await bench.query("PutUserPolicy", ["UserName": "u", "PolicyName": "p3", "PolicyDocument": long]).status == 200)
        }
    }

    @Test func `Users, their access keys and their own calls`() async throws {
        try await Self.withBench { bench async throws in
            let user = try await bench.query("CreateUser", ["UserName": "ann"])
            let arn = try #require(user["Arn"])
            #expect(arn == "arn:aws:iam::000000000000:user/ann")
            let key = try await bench.query("CreateAccessKey", ["UserName": "ann"])
            #expect(key["AccessKeyId"]?.count == 20)
            #expect(key["SecretAccessKey"]?.count == 40)
            #expect(try await bench.query("CreateAccessKey", ["UserName": "ann"]).status == 200)
            #expect(try await bench.query("CreateAccessKey", ["UserName": "ann"])["Code"] == "LimitExceeded")
            #expect(try await bench.query("ListAccessKeys", ["UserName": "ann"]).text.contains("SecretAccessKey") == false)
            #expect(try await bench.query("GetCallerIdentity", as: arn, version: "2011-06-15")["UserId"] == user["UserId"])
            let denied = try await bench.query("ListUsers", as: arn)
            #expect(denied.status == 403)
            #expect(denied["Code"] == "AccessDenied")
            #expect(
                denied["Message"]
                    == "User: \(arn) is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::000000000000:user/ because no identity-based policy allows the iam:ListUsers action"
            )
            _ = try await bench.query("PutUserPolicy", ["UserName": "ann", "PolicyName": "self", "PolicyDocument": Self.policy("iam:*", arn)])
            #expect(try await bench.query("GetUser", as: arn)["UserName"] == "ann")
            #expect(try await bench.query("ListAccessKeys", as: arn).status == 200)
            #expect(try await bench.query("GetUser", ["UserName": "bob"], as: arn).status == 403)
            #expect(try await bench.query("CreateUser", ["UserName": "bob"], as: arn).status == 403)
            #expect(try await bench.query("DeleteUser", ["UserName": "ann"])["Code"] == "DeleteConflict")
            _ = try await bench.query("DeleteUserPolicy", ["UserName": "ann", "PolicyName": "self"])
            #expect(try await bench.query("DeleteUser", ["UserName": "ann"])["Message"] == "Cannot delete entity, must delete access keys first.")
        }
    }

    @Test func `An explicit denial of an IAM action wins`() async throws {
        try await Self.withBench { bench async throws in
            let arn = try #require(try await bench.query("CreateUser", ["UserName": "ann"])["Arn"])
            for (name, effect, action) in [("a", "Allow", "*"), ("d", "Deny", "iam:DeleteRole")] {
                _ = try await bench.query(
                    "PutUserPolicy",
                    ["UserName": "ann", "PolicyName": name, "PolicyDocument": Self.policy(action == "*" ? "iam:*" : action, "*", effect: effect)])
            }
            #expect(try await bench.query("GetRole", ["RoleName": "strongroom-user"], as: arn).status == 200)
            let denied = try await bench.query("DeleteRole", ["RoleName": "strongroom-user"], as: arn)
            #expect(denied["Message"]?.hasSuffix("with an explicit deny in an identity-based policy") == true)
        }
    }

    @Test func `A deleted user's call is denied`() async throws {
        try await Self.withBench { bench async throws in
            #expect(
                try await bench.query("GetCallerIdentity", as: "arn:aws:iam::000000000000:user/gone", version: "2011-06-15")["Code"] == "AccessDenied"
            )
        }
    }

    @Test func `Without an identity the call is 401`() async throws {
        try await Self.withBench { bench async throws in
            #expect(try await bench.query("ListRoles", as: nil).status == 401)
        }
    }

    @Test(
        arguments: [
            ("AttachRolePolicy", [:], "InvalidAction", "Could not find operation AttachRolePolicy for version 2010-05-08"),
            ("GetCallerIdentity", [:], "InvalidAction", "Could not find operation GetCallerIdentity for version 2010-05-08"),
            // Unicode's other spelling of a K.
            ("ListAccess\u{212A}eys", [:], "InvalidAction", "Could not find operation ListAccess\u{212A}eys for version 2010-05-08"),
            (
                "DeleteAccessKey", ["Access\u{212A}eyId": "A"], "InvalidParameterValue",
                "The parameter Access\u{212A}eyId is not supported by this service."
            ),
            (
                "CreateUser", ["UserName": "u", "PermissionsBoundary": "arn:aws:iam::aws:policy/X"], "InvalidParameterValue",
                "The parameter PermissionsBoundary is not supported by this service."
            ),
            (
                "CreateUser", ["UserName": "u", "Tags.member.1.Key": "k"], "InvalidParameterValue",
                "The parameter Tags.member.1.Key is not supported by this service."
            ),
            (
                "CreateUser", [:], "ValidationError",
                "1 validation error detected: Value null at 'userName' failed to satisfy constraint: Member must not be null"
            ),
            ("CreateUser", ["UserName": "a b"], "ValidationError", nil), ("CreateUser", ["UserName": ""], "ValidationError", nil),
            ("CreateUser", ["UserName": String(repeating: "a", count: 65)], "ValidationError", nil),
            ("CreateUser", ["UserName": "u", "Path": "x"], "ValidationError", nil),
            ("ListRoles", ["MaxItems": "0"], "ValidationError", nil), ("ListRoles", ["Marker": "??"], "ValidationError", nil),
            ("CreateRole", ["RoleName": "r", "AssumeRolePolicyDocument": "{"], "MalformedPolicyDocument", nil),
            (
                "CreateRole",
                ["RoleName": "r", "AssumeRolePolicyDocument": #"{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole"}]}"#],
                "MalformedPolicyDocument", "Syntax errors in policy: a statement of a trust policy must have a Principal."
            ),
            (
                "CreateRole",
                [
                    "RoleName": "r",
                    "AssumeRolePolicyDocument":
                        #"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"*"},"Resource":"*"}}"#,
                ],
                "MalformedPolicyDocument", "Syntax errors in policy: a statement of a trust policy has no Resource."
            ),
        ] as [(String, [String: String], String, String?)])
    func `What isn't implemented or valid is refused by name`(_ action: String, _ parameters: [String: String], _ code: String, _ message: String?)
        async throws
    {
        try await Self.withBench { bench async throws in
            let answer = try await bench.query(action, parameters)
            #expect(answer.status == 400)
            #expect(answer["Code"] == code)
            #expect(answer["Type"] == "Sender")
            if let message { #expect(answer["Message"] == message) }
        }
    }

    @Test func `Lists come in pages`() async throws {
        try await Self.withBench { bench async throws in
            for number in 0..<5 { _ = try await bench.query("CreateUser", ["UserName": "user\(number)"]) }
            var names: [String] = []
            var marker: String?
            repeat {
                var parameters = ["MaxItems": "2"]
                parameters["Marker"] = marker
                let page = try await bench.query("ListUsers", parameters)
                names += page.text.components(separatedBy: "<UserName>").dropFirst().map { String($0.prefix(5)) }
                marker = page["Marker"]
                #expect((page["IsTruncated"] == "true") == (marker != nil))
            } while marker != nil
            #expect(names == (0..<5).map { "user\($0)" })
        }
    }

    @Test func `What was made is there after a restart, and only the sealed secret is in the file`() async throws {
        let first = try await AuthorizerBench()
        let made = try await first.query("CreateUser", ["UserName": "ann"])
        let key = try await first.query("CreateAccessKey", ["UserName": "ann"])
        let secret = try #require(key["SecretAccessKey"])
        try await first.close(keepingFolder: true)
        let files = try FileManager.default.contentsOfDirectory(atPath: "\(first.folder)/data")
        for file in files {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(first.folder)/data/\(file)"))
            #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(file)")
        }
        let second = try await AuthorizerBench(folder: first.folder)
        #expect(try await second.query("GetUser", ["UserName": "ann"])["UserId"] == made["UserId"])
        #expect(try await second.query("ListAccessKeys", ["UserName": "ann"])["AccessKeyId"] == key["AccessKeyId"])
        try await second.close()
    }
}
