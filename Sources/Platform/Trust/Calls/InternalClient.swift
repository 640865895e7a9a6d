public import Bootstrap
public import Contracts
import Crypto
import Encodings
public import HTTP
public import JSON
public import Observability
import Processes
import SigV4

/// Calls one other service: signed with this service's access key for it, with the request's id and trace.
public final class InternalClient: Sendable {
    public let callee: ServiceName
    private let endpoint: Endpoint
    private let client: HTTPClient
    private let credentials: @Sendable () async throws(CredentialError) -> Credentials
    private let signer: CallSigner
    private let clock: WallClock
    private let tracer: Tracer?

    public init(
        callee: ServiceName, endpoint: Endpoint, region: String, client: HTTPClient, credentials: CredentialChain, clock: WallClock,
        tracer: Tracer? = nil
    ) {
        self.callee = callee
        self.endpoint = endpoint
        self.client = client
        self.credentials = { () async throws(CredentialError) in try await credentials.credentials().credentials }
        self.clock = clock
        self.tracer = tracer
        signer = CallSigner(callee: callee, region: region)
    }

    /// For a tool that has the one key it calls with.
    init(callee: ServiceName, endpoint: Endpoint, region: String, client: HTTPClient, key: ToolKey, clock: WallClock) {
        self.callee = callee
        self.endpoint = endpoint
        self.client = client
        let fixed = Credentials(accessKeyID: key.accessKeyID, secretAccessKey: key.secret)
        credentials = { fixed }
        self.clock = clock
        tracer = nil
        signer = CallSigner(callee: callee, region: region)
    }

    /// Credentials come by the AWS default chain, from the profile named after the callee; the shared credentials file is the one in the service's
    /// own secrets folder.
    public convenience init(to callee: ServiceName, at endpoint: Endpoint, runtime: Runtime, client: HTTPClient) {
        self.init(
            callee: callee, endpoint: endpoint, region: runtime.cluster.name, client: client,
            credentials: CredentialChain(for: callee, runtime: runtime, client: client), clock: runtime.clock, tracer: runtime.tracer)
    }

    /// Signs and sends the call, and waits for the head of the answer.
    public func send(_ call: OutgoingCall) async throws(InternalClientError) -> ClientResponse {
        let credentials: Credentials
        do throws(CredentialError) {
            credentials = try await self.credentials()
        } catch {
            throw .credentials(error)
        }
        var request = ClientRequest(call.method, call.target, headers: call.headers, body: call.body.isEmpty ? .empty : .bytes(call.body))
        request.timeoutMilliseconds = call.timeoutMilliseconds
        request.headers.set(.host, endpoint.description)
        for name in [HeaderName.traceparent, CallHeaders.requestID, CallHeaders.identity] { request.headers.remove(name) }
        let cause = call.cause
        let span = tracer?.child(of: cause?.trace)
        if let trace = span ?? cause?.trace {
            var value: [UInt8] = []
            trace.append(to: &value)
            request.headers.add(.traceparent, value)
        }
        if let requestID = cause?.requestID {
            var value: [UInt8] = []
            requestID.append(to: &value)
            request.headers.add(CallHeaders.requestID, value)
        }
        if let identity = call.identity { request.headers.add(CallHeaders.identity, identity) }
        signer.sign(
            method: call.method, target: call.target.span, headers: &request.headers, bodyHash: SHA256.hash(call.body.span),
            credentials: credentials, at: clock.now())
        let started = SystemClock.monotonicNanoseconds()
        func end(_ result: Result<Status, ClientError>) {
            guard let tracer, let span, let cause else { return }
            let microseconds = (SystemClock.monotonicNanoseconds() - started) / 1000
            tracer.recordCall(span, parent: cause.trace, call.method, to: endpoint, peer: callee.rawValue, result, microseconds: microseconds)
        }
        do throws(ClientError) {
            let answer = try await client.send(request, to: endpoint)
            end(.success(answer.status))
            return answer
        } catch {
            end(.failure(error))
            throw .transport(error)
        }
    }

    /// Sends the call and reads the body of an answer of status 200.
    /// - Parameter limit: bytes of the body.
    /// - Throws: `refused` for every other status.
    public func body(of call: OutgoingCall, upTo limit: Int = 1 << 20) async throws(InternalClientError) -> [UInt8] {
        let response = try await send(call)
        guard response.status == .ok else { throw .refused(response.status) }
        do throws(ClientError) {
            return try await response.body.collect(upTo: limit)
        } catch {
            throw .transport(error)
        }
    }

    /// Sends the call and reads a JSON answer of status 200.
    /// - Parameter limits: of the answer.
    /// - Throws: `refused` for every other status.
    public func json(_ call: OutgoingCall, limits: JSONLimits = .standard) async throws(InternalClientError) -> JSONValue {
        let body = try await body(of: call, upTo: limits.bytes)
        do throws(JSONError) {
            return try JSON.parse(body, limits: limits)
        } catch {
            throw .malformedAnswer(error)
        }
    }
}
