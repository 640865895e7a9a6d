import Encodings
import SigV4
import Synchronization
import Testing

@testable import Trust

/// A machine made of dictionaries.
final class Machine: Sendable {
    struct State {
        var variables: [String: String] = [:]
        var files: [String: String] = [:]
        var answers: [String: (Int, String)] = [:]
        var requests: [CredentialSurroundings.MetadataRequest] = []
        var now = Timestamp(seconds: 1_800_000_000)
    }
    struct Unreachable: Error {}

    let state: Mutex<State>

    init(variables: [String: String] = [:], files: [String: String] = [:], answers: [String: (Int, String)] = [:]) {
        state = Mutex(State(variables: variables, files: files, answers: answers))
    }

    func chain(
        profile: String? = nil, credentialsFile: String? = nil, changed: @escaping @Sendable (CredentialError?) -> Void = { _ in }
    ) -> CredentialChain {
        CredentialChain(
            CredentialSurroundings(
                variables: state.withLock { $0.variables }, profile: profile, credentialsFile: credentialsFile,
                readFile: { [self] path throws(CredentialError) in state.withLock { $0.files[path].map { Array($0.utf8) } } },
                fetch: { [self] request in
                    let answer = state.withLock { state in
                        state.requests.append(request)
                        return state.answers["\(request.method) http://\(request.host):\(request.port)\(request.target)"]
                    }
                    guard let answer else { throw Unreachable() }
                    return CredentialSurroundings.MetadataResponse(status: answer.0, body: Array(answer.1.utf8))
                },
                now: { [self] in state.withLock { $0.now } }), changed: changed)
    }

    static func answer(id: String, expires seconds: Int64) -> String {
        let time = Timestamp(seconds: 1_800_000_000 + seconds).iso8601()
        return #"{"Code":"Success","AccessKeyId":"\#(id)","SecretAccessKey":"s","Token":"t","Expiration":"\#(time)"}"#
    }
}

@Suite struct CredentialChainTests {
    @Test func `After a source has changed the next call has the new credentials; while that fails, the old ones`() async throws {
        let machine = Machine(files: ["/c": "[notes]\naws_access_key_id = A\naws_secret_access_key = s\n"])
        let chain = machine.chain(profile: "notes", credentialsFile: "/c")
        func key() async throws -> String { try await chain.credentials().credentials.accessKeyID }
        #expect(try await key() == "A")
        machine.state.withLock { $0.files["/c"] = "[notes]\naws_access_key_id = B\naws_secret_access_key = s\n" }
        #expect(try await key() == "A")
        chain.lookAgain()
        #expect(try await key() == "B")

        machine.state.withLock { $0.files["/c"] = "[notes]\naws_access_key_id = C\n" }
        chain.lookAgain()
        #expect(try await key() == "B")
        machine.state.withLock { $0.files["/c"] = "[notes]\naws_access_key_id = D\naws_secret_access_key = s\n" }
        #expect(try await key() == "B", "not looked at again within the second")
        machine.state.withLock { $0.now = $0.now.adding(seconds: 1) }
        #expect(try await key() == "D")
    }

    static let files = [
        "/home/a/.aws/credentials": """
        # comment
        [default]
        aws_access_key_id = AKIDSHARED
        aws_secret_access_key=secret # not a comment
        [notes]
        AWS_Access_Key_Id = AKIDNOTES
        aws_secret_access_key = s2
        aws_session_token = t2
        """,
        "/home/a/.aws/config": """
        [default]
        region = eu-west-1
        s3 =
          max_concurrent_requests = 10
        [profile conf]
        aws_access_key_id = AKIDCONF
        aws_secret_access_key = s3
        [profile role]
        role_arn = arn:aws:iam::1:role/x
        source_profile = default
        [profile sso]
        sso_session = corp
        [profile process]
        credential_process = /bin/true
        """,
    ]

    @Test func `The environment comes first`() async throws {
        let machine = Machine(
            variables: ["HOME": "/home/a", "AWS_ACCESS_KEY_ID": "AKIDENV", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t"],
            files: Self.files)
        let found = try await machine.chain().credentials()
        #expect(found.credentials == Credentials(accessKeyID: "AKIDENV", secretAccessKey: "s", sessionToken: "t"))
        #expect(found.source == "environment")
    }

    @Test func `A profile the program asks for leaves the environment aside`() async throws {
        let machine = Machine(
            variables: ["HOME": "/home/a", "AWS_ACCESS_KEY_ID": "AKIDENV", "AWS_SECRET_ACCESS_KEY": "s"], files: Self.files)
        let found = try await machine.chain(profile: "notes").credentials()
        #expect(found.credentials == Credentials(accessKeyID: "AKIDNOTES", secretAccessKey: "s2", sessionToken: "t2"))
    }

    @Test func `The credentials file comes before the config file, and both have their own section names`() async throws {
        let machine = Machine(variables: ["HOME": "/home/a"], files: Self.files)
        #expect(try await machine.chain().credentials().credentials.secretAccessKey == "secret # not a comment")
        let chosen = Machine(variables: ["HOME": "/home/a", "AWS_PROFILE": "conf"], files: Self.files)
        #expect(try await chosen.chain().credentials().credentials.accessKeyID == "AKIDCONF")
    }

    @Test func `The files' places can be set`() async throws {
        let text = "[default]\naws_access_key_id = A\naws_secret_access_key = B"
        let machine = Machine(variables: ["AWS_SHARED_CREDENTIALS_FILE": "/x", "HOME": "/home/a"], files: Self.files.merging(["/x": text]) { $1 })
        #expect(try await machine.chain().credentials().credentials.accessKeyID == "A")
        #expect(
            try await machine.chain(profile: "notes", credentialsFile: "/home/a/.aws/credentials").credentials().credentials.accessKeyID
                == "AKIDNOTES")
    }

    @Test(arguments: [("role", "role_arn"), ("sso", "sso_session"), ("process", "credential_process")])
    func `What isn't implemented is refused by name`(_ profile: String, _ setting: String) async {
        let machine = Machine(variables: ["HOME": "/home/a", "AWS_PROFILE": profile], files: Self.files)
        await #expect(throws: CredentialError.unsupported(source: "profile \(profile)", setting: setting)) { try await machine.chain().credentials() }
        let web = Machine(variables: ["AWS_WEB_IDENTITY_TOKEN_FILE": "/t"])
        await #expect(throws: CredentialError.unsupported(source: "environment", setting: "AWS_WEB_IDENTITY_TOKEN_FILE")) {
            try await web.chain().credentials()
        }
    }

    @Test func `Half an access key is an error, not a reason to look further`() async {
        let machine = Machine(variables: ["HOME": "/home/a", "AWS_ACCESS_KEY_ID": "A"], files: Self.files)
        await #expect(throws: CredentialError.incomplete(source: "environment", missing: "AWS_SECRET_ACCESS_KEY")) {
            try await machine.chain().credentials()
        }
        let file = Machine(variables: ["HOME": "/h"], files: ["/h/.aws/credentials": "[default]\naws_access_key_id = A"])
        await #expect(throws: CredentialError.self) { try await file.chain().credentials() }
    }

    @Test func `The container endpoint is asked with its token`() async throws {
        let machine = Machine(
            variables: [
                "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/creds?id=1", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "no",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/token",
            ], files: ["/token": "Bearer x"], answers: ["GET http://169.254.170.2:80/v2/creds?id=1": (200, Machine.answer(id: "C", expires: 3600))])
        let found = try await machine.chain().credentials()
        #expect(found.credentials.accessKeyID == "C")
        #expect(found.expiration == Timestamp(seconds: 1_800_003_600))
        #expect(machine.state.withLock { $0.requests[0].headers["authorization"] } == "Bearer x")
    }

    @Test(arguments: ["127.0.0.1:1338", "127.9.9.9", "localhost:80", "[::1]:9", "169.254.170.23", "[fd00:ec2::23]"])
    func `A full URI may name this machine and its link`(_ host: String) async throws {
        let machine = Machine(variables: ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://\(host)/creds"])
        await #expect(throws: CredentialError.endpoint(source: "container endpoint", cause: "Unreachable()")) {
            try await machine.chain().credentials()
        }
    }

    @Test(arguments: [
        "example.com", "10.0.0.1", "127.0.0.1.example.com", "127.0.0.01", "169.254.169.254", "localhost.example.com", "[::2]", "0.0.0.0",
        "2130706433",
    ])
    func `A full URI may name no other host`(_ host: String) async throws {
        let machine = Machine(variables: ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://\(host)/creds"])
        let plain = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        await #expect(throws: CredentialError.hostNotAllowed(plain)) { try await machine.chain().credentials() }
        #expect(machine.state.withLock { $0.requests.isEmpty })
    }

    @Test(arguments: [
        "https://127.0.0.1/x", "ftp://127.0.0.1/x", "http://user@127.0.0.1/x", "http://127.0.0.1:99999/x", "http://127.0.0.1/a b", "http:///x",
    ])
    func `Other URIs are refused`(_ uri: String) async {
        let machine = Machine(variables: ["AWS_CONTAINER_CREDENTIALS_FULL_URI": uri])
        await #expect(throws: CredentialError.self) { try await machine.chain().credentials() }
        #expect(machine.state.withLock { $0.requests.isEmpty })
    }

    @Test func `A token with a line break isn't sent`() async {
        let machine = Machine(
            variables: ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/c", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "a\r\nx: y"])
        await #expect(throws: CredentialError.malformed(source: "container endpoint", part: "the authorization token")) {
            try await machine.chain().credentials()
        }
    }

    @Test func `The instance's role is read by version 2 of the metadata service`() async throws {
        let base = "http://169.254.169.254:80/latest"
        let machine = Machine(answers: [
            "PUT \(base)/api/token": (200, "TOKEN"), "GET \(base)/meta-data/iam/security-credentials/": (200, "role\n"),
            "GET \(base)/meta-data/iam/security-credentials/role": (200, Machine.answer(id: "I", expires: 3600)),
        ])
        #expect(try await machine.chain().credentials().credentials.accessKeyID == "I")
        let requests = machine.state.withLock { $0.requests }
        #expect(requests[0].headers["x-aws-ec2-metadata-token-ttl-seconds"] == "21600")
        #expect(requests[1...].allSatisfy { $0.headers["x-aws-ec2-metadata-token"] == "TOKEN" })
    }

    @Test func `Without any source the error names each place that was looked at`() async {
        await #expect(
            throws: CredentialError.notFound(sources: ["environment", "container endpoint", "instance metadata"])
        ) { try await Machine().chain().credentials() }
        await #expect(
            throws: CredentialError.notFound(sources: [
                "profile notes of /s/credentials, /h/.aws/credentials, /h/.aws/config", "container endpoint", "instance metadata",
            ])
        ) { try await Machine(variables: ["HOME": "/h"]).chain(profile: "notes", credentialsFile: "/s/credentials").credentials() }
        let disabled = Machine(variables: ["AWS_EC2_METADATA_DISABLED": "true"])
        await #expect(throws: CredentialError.self) { try await disabled.chain().credentials() }
        #expect(disabled.state.withLock { $0.requests.isEmpty })
    }

    @Test func `A failure is told once, and its end; a file that comes back is found`() async throws {
        let told = Mutex<[Bool]>([])
        let file = "[notes]\naws_access_key_id = A\naws_secret_access_key = s\n"
        let machine = Machine()
        let chain = machine.chain(profile: "notes", credentialsFile: "/c") { error in told.withLock { $0.append(error == nil) } }
        for _ in 0..<3 {
            await #expect(throws: CredentialError.self) { try await chain.credentials() }
            machine.state.withLock { $0.now = $0.now.adding(seconds: 2) }
        }
        #expect(told.withLock { $0 } == [false])
        machine.state.withLock { $0.files["/c"] = file }
        #expect(try await chain.credentials().credentials.accessKeyID == "A")
        #expect(try await chain.credentials().credentials.accessKeyID == "A")
        #expect(told.withLock { $0 } == [false, true])
    }

    @Test func `Credentials are fetched again before they expire, and old ones serve while that fails`() async throws {
        let key = "GET http://169.254.170.2:80/c"
        let machine = Machine(
            variables: ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/c"], answers: [key: (200, Machine.answer(id: "1", expires: 3600))])
        let chain = machine.chain()
        #expect(try await chain.credentials().credentials.accessKeyID == "1")
        #expect(try await chain.credentials().credentials.accessKeyID == "1")
        #expect(machine.state.withLock { $0.requests.count } == 1)
        machine.state.withLock { state in
            state.now = state.now.adding(seconds: 3001)
            state.answers[key] = (500, "")
        }
        #expect(try await chain.credentials().credentials.accessKeyID == "1")
        machine.state.withLock { state in
            state.now = state.now.adding(seconds: 2)
            state.answers[key] = (200, Machine.answer(id: "2", expires: 7200))
        }
        #expect(try await chain.credentials().credentials.accessKeyID == "2")
        machine.state.withLock { state in
            state.now = state.now.adding(seconds: 7200)
            state.answers[key] = (500, "")
        }
        await #expect(throws: CredentialError.self) { try await chain.credentials() }
    }

    @Test func `Many who ask at once cause one fetch`() async throws {
        let machine = Machine(
            variables: ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/c"],
            answers: ["GET http://169.254.170.2:80/c": (200, Machine.answer(id: "1", expires: 3600))])
        let chain = machine.chain()
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<50 { group.addTask { try await chain.credentials().credentials.accessKeyID } }
            for try await id in group { #expect(id == "1") }
        }
        #expect(machine.state.withLock { $0.requests.count } == 1)
    }

    @Test(arguments: [
        "[default", "aws_access_key_id = A", "[default]\nno equals sign",
    ]) func `A malformed file is an error`(_ text: String) async {
        let machine = Machine(variables: ["HOME": "/h"], files: ["/h/.aws/credentials": text])
        await #expect(throws: CredentialError.self) { try await machine.chain().credentials() }
    }

    @Test func `Credentials don't print their secret`() {
        let credentials = Credentials(accessKeyID: "A", secretAccessKey: "hidden", sessionToken: "hidden")
        for text in ["\(credentials)", String(reflecting: credentials), "\(ProvidedCredentials(credentials: credentials, source: "x"))"] {
            #expect(!text.contains("hidden"))
        }
    }
}
