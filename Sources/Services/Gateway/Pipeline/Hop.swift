import Bootstrap
import Contracts
import Crypto
import Encodings
import HTTP
import Observability
import SigV4
import Synchronization
import Tokens
import Trust

/// The way to one service: where it is, how its requests are signed, how identities for it are made.
final class Hop: Sendable {
    let service: ServiceName
    let endpoint: HTTP.Endpoint
    private let host: [UInt8]
    private let region: String
    private let credentials: CredentialChain
    private let signer: Mutex<Signing?> = Mutex(nil)
    private let identities: IdentityHeaderSigner
    let duration: Histogram

    /// The signer of the credentials that held when they were last asked for.
    private struct Signing {
        let signer: PreparedSigner
        let askedAt: Int64
    }

    init(
        service: ServiceName, endpoint: HTTP.Endpoint, region: String, credentials: CredentialChain, identities: IdentityHeaderSigner,
        metrics: MetricsRegistry
    ) {
        self.service = service
        self.endpoint = endpoint
        host = Array(endpoint.description.utf8)
        self.region = region
        self.credentials = credentials
        self.identities = identities
        duration = metrics.histogram(
            "strongroom_gateway_upstream_seconds", help: "From a request forwarded to its response's head.",
            labels: MetricLabel("service", service.rawValue))
    }

    /// Credentials come by the AWS default chain, from the profile named after the service; the identity key from the keyring, its first.
    convenience init(to service: ServiceName, runtime: Runtime, client: HTTPClient) throws {
        guard let peer = runtime.peers[service] else { throw GatewaySetupError.noPeer(service) }
        guard let key = runtime.keyring.identityKeys.first(where: { $0.audience == service }) else { throw GatewaySetupError.noIdentityKey(service) }
        self.init(
            service: service, endpoint: HTTP.Endpoint(host: peer.host, port: peer.port), region: runtime.cluster.name,
            credentials: CredentialChain(
                .process(profile: service.rawValue, secrets: runtime.secrets, client: client, clock: runtime.clock)),
            identities: IdentityHeaderSigner(
                issuer: runtime.cluster.publicURL, audience: service, key: try IdentityKey(keyID: key.kid, key: key.key)),
            metrics: runtime.metrics)
    }

    /// The signer for now. The chain is asked once a second: it refreshes long before anything expires.
    func signer(at now: Timestamp) async throws(CredentialError) -> PreparedSigner {
        if let kept = signer.withLock({ $0 }), kept.askedAt == now.seconds { return kept.signer }
        let provided = try await credentials.credentials()
        return signer.withLock { kept in
            let same = kept.flatMap { $0.signer.credentials == provided.credentials ? $0.signer : nil }
            let signer = same ?? PreparedSigner(credentials: provided.credentials, region: region, service: service.rawValue)
            kept = Signing(signer: signer, askedAt: now.seconds)
            return signer
        }
    }

    /// What is sent on.
    struct Outbound {
        let method: Method
        /// Canonical: what the identity is bound to, what is signed, and what is sent.
        let target: [UInt8]
        let identity: PreparedIdentity
        let source: String
        let requestID: UUID
        let trace: TraceContext?
        let body: [UInt8]
        let bodyHash: SHA256Digest?
        /// `X-Amz-Target`, only for the AWS APIs.
        let amzTarget: [UInt8]?
    }

    /// The request for the service: the caller's fields that may go on, then the gateway's own, all of which but `Host` replace what the
    /// caller may have sent under their names; signed over everything that decides.
    func request(
        _ outbound: Outbound, fields: RequestFields, of headers: Headers, signer: PreparedSigner, at now: Timestamp
    ) -> ClientRequest {
        let host = host
        var own = Headers()
        own.reserve(bytes: headers.bytes.count + 2_048, fields: headers.count + 8)
        for index in 0..<headers.count where fields.isForwarded(index) { own.add(from: headers, at: index) }

        var lines: [UInt8] = []
        lines.reserveCapacity(1_536)
        var names: [UInt8] = []
        names.reserveCapacity(128)
        var value: [UInt8] = []
        value.reserveCapacity(1_280)

        if let index = fields.contentType, fields.isForwarded(index) {
            Self.sign("content-type", headers.bytes.span.extracting(headers.valueRange(at: index)), &names, &lines)
        }
        own.add(.host, host)
        Self.sign("host", host.span, &names, &lines)
        if let trace = outbound.trace {
            trace.append(to: &value)
            own.add(.traceparent, value)
            Self.sign("traceparent", value.span, &names, &lines)
            value.removeAll(keepingCapacity: true)
        }
        var payload = Self.emptyPayload
        if let hash = outbound.bodyHash {
            payload.removeAll(keepingCapacity: true)
            hash.withSpan { Hex.encode($0, into: &payload) }
        }
        own.add(Self.contentHash, payload)
        Self.sign("x-amz-content-sha256", payload.span, &names, &lines)
        now.appendAmzDate(to: &value)
        own.add(Self.amzDate, value)
        Self.sign("x-amz-date", value.span, &names, &lines)
        if let token = signer.credentials.sessionToken {
            own.add(Self.securityToken, token)
            Self.sign("x-amz-security-token", token.utf8.span, &names, &lines)
        }
        if let amzTarget = outbound.amzTarget {
            own.add(Self.amzTarget, amzTarget)
            Self.sign("x-amz-target", amzTarget.span, &names, &lines)
        }
        value.removeAll(keepingCapacity: true)
        // Names this one call, so that no two signatures are equal and one from before a callee's start is known.
        UUID.v7(at: now, random: (Random.uint64(), Random.uint64())).append(to: &value)
        own.add(Self.callID, value)
        Self.sign("x-strongroom-call-id", value.span, &names, &lines)
        value.removeAll(keepingCapacity: true)
        identities.append(
            outbound.identity, requestID: outbound.requestID, source: outbound.source, method: outbound.method.rawValue,
            target: outbound.target.span, at: now, to: &value)
        own.add(Self.identity, value)
        Self.sign("x-strongroom-identity", value.span, &names, &lines)
        value.removeAll(keepingCapacity: true)
        outbound.requestID.append(to: &value)
        own.add(Self.requestID, value)
        Self.sign("x-strongroom-request-id", value.span, &names, &lines)

        value.removeAll(keepingCapacity: true)
        let method = Array(outbound.method.rawValue.utf8)
        signer.appendAuthorization(
            method: method.span, target: outbound.target.span, fieldLines: lines.span, signedHeaders: names.span, payloadHash: payload.span,
            date: now, to: &value)
        own.add(.authorization, value)
        return ClientRequest(outbound.method, outbound.target, headers: own, body: outbound.body.isEmpty ? .empty : .bytes(outbound.body))
    }

    /// Appends a signed field, in the order of names: `name:value` with white space as the signature's verifier sees it.
    private static func sign(_ name: StaticString, _ value: Span<UInt8>, _ names: inout [UInt8], _ lines: inout [UInt8]) {
        if !names.isEmpty { names.append(UInt8(ascii: ";")) }
        names.append(contentsOf: name.description.utf8)
        lines.append(contentsOf: name.description.utf8)
        lines.append(UInt8(ascii: ":"))
        let start = lines.count
        var pending = false
        for index in value.indices {
            if value[index] == 0x20 || value[index] == 0x09 {
                pending = lines.count > start
                continue
            }
            if pending { lines.append(0x20) }
            pending = false
            lines.append(value[index])
        }
        lines.append(UInt8(ascii: "\n"))
    }

    private static let emptyPayload = Array(EmptyPayload.hash.utf8)
    private static let identity = field(HeaderNames.identity)
    private static let callID = field(HeaderNames.callID)
    private static let securityToken = field(HeaderNames.amzSecurityToken)
    private static let requestID = field(HeaderNames.requestID)
    private static let amzDate = field(HeaderNames.amzDate)
    private static let amzTarget = field(HeaderNames.amzTarget)
    private static let contentHash = field(HeaderNames.amzContentSHA256)

    private static func field(_ name: String) -> HeaderName {
        guard let header = HeaderName(name) else { preconditionFailure("\(name) is no field name") }
        return header
    }
}
