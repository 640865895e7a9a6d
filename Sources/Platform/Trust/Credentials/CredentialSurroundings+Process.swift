public import Bootstrap
public import Contracts
import Files
public import HTTP
import Observability
import Processes
import Threads

extension CredentialChain {
    /// A service's credentials for another: the profile named after it, with the shared credentials file in the service's own folder of secrets, which
    /// is read again when it changes.
    public convenience init(for callee: ServiceName, runtime: Runtime, client: HTTPClient) {
        let log = runtime.log
        self.init(.process(profile: callee.rawValue, secrets: runtime.secrets, client: client, clock: runtime.clock)) { error in
            if let error {
                log.error("No access key for calls to a service; one from before serves until it expires", .peer(callee.rawValue), .error(error))
            } else {
                log.info("There is an access key for calls to a service again", .peer(callee.rawValue))
            }
        }
        runtime.secretsWatch.onChange { [self] _ in lookAgain }
    }
}

extension CredentialSurroundings {
    /// This process's environment, files and network.
    public static func process(profile: String?, secrets: SecretsFolder, client: HTTPClient, clock: WallClock) -> CredentialSurroundings {
        CredentialSurroundings(
            variables: Environment.variables(), profile: profile, credentialsFile: secrets.credentialsFile, readFile: readFile,
            fetch: { request in try await fetch(request, client) }, now: clock.now)
    }

    /// Files are read seldom, so a thread for each does: it ends with the read.
    private static func readFile(_ path: String) async throws(CredentialError) -> [UInt8]? {
        let thread: WorkerThread
        do throws(ThreadError) {
            thread = try WorkerThread(name: "credentials")
        } catch {
            throw .unreadable(file: path, cause: "\(error)")
        }
        let result: Result<[UInt8]?, CredentialError> = await withCheckedContinuation { continuation in
            thread.submit { continuation.resume(returning: contents(of: path)) }
        }
        return try result.get()
    }

    private static func contents(of path: String) -> Result<[UInt8]?, CredentialError> {
        guard File.exists(path) else { return .success(nil) }
        do throws(FileError) {
            return .success(try File.read(path, limit: ProfileFile.limit))
        } catch {
            return .failure(.unreadable(file: path, cause: error.description))
        }
    }

    private static func fetch(_ request: MetadataRequest, _ client: HTTPClient) async throws -> MetadataResponse {
        var headers = Headers()
        for (name, value) in request.headers {
            guard let name = HeaderName(name) else { continue }
            headers.add(name, value)
        }
        var outgoing = ClientRequest(request.method == "PUT" ? .put : .get, request.target, headers: headers)
        outgoing.timeoutMilliseconds = request.timeoutMilliseconds
        outgoing.bodyTimeoutMilliseconds = request.timeoutMilliseconds
        let response = try await client.send(outgoing, to: Endpoint(host: request.host, port: request.port))
        return MetadataResponse(status: Int(response.status.rawValue), body: try await response.body.collect(upTo: 64 << 10))
    }
}
