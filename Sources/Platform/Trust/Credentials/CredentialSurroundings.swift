public import Encodings

/// All that the credential chain looks at: handed in, so that tests choose it.
public struct CredentialSurroundings: Sendable {
    /// A plain HTTP request to an endpoint on this machine or link.
    public struct MetadataRequest: Sendable, Equatable {
        public var method: String
        public var host: String
        public var port: UInt16
        /// Path and query.
        public var target: String
        public var headers: [String: String]
        public var timeoutMilliseconds: UInt64
    }

    public struct MetadataResponse: Sendable {
        public var status: Int
        public var body: [UInt8]

        public init(status: Int, body: [UInt8]) {
            self.status = status
            self.body = body
        }
    }

    public typealias Fetch = @Sendable (MetadataRequest) async throws -> MetadataResponse
    /// The file's bytes; nil if there is no such file. It may block, so it doesn't run on a loop.
    public typealias ReadFile = @Sendable (_ path: String) async throws(CredentialError) -> [UInt8]?

    let variables: [String: String]
    let profile: String?
    let credentialsFile: String?
    let readFile: ReadFile
    let fetch: Fetch
    let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - variables: the process's environment.
    ///   - profile: asked for by the program. Credentials in the environment are then left aside, as AWS's own tools do it.
    ///   - credentialsFile: where it exists, in place of `AWS_SHARED_CREDENTIALS_FILE` and `~/.aws/credentials`.
    public init(
        variables: [String: String], profile: String? = nil, credentialsFile: String? = nil, readFile: @escaping ReadFile,
        fetch: @escaping Fetch, now: @escaping @Sendable () -> Timestamp
    ) {
        self.variables = variables
        self.profile = profile
        self.credentialsFile = credentialsFile
        self.readFile = readFile
        self.fetch = fetch
        self.now = now
    }

    /// A variable that is set to something.
    func variable(_ name: String) -> String? {
        guard let value = variables[name], !value.isEmpty else { return nil }
        return value
    }
}
