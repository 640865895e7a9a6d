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
    private let current: Mutex<Signing?> = Mutex(nil)
    private let identities: Mutex<IdentityHeaderSigner>
    let duration: Histogram

    /// What signing takes that stays the same for a second: the signers of the credentials and of the identity key that held when they were last asked
    /// for, and the second's `x-amz-date`.
    final class Signing: Sendable {
        let signer: PreparedSigner
        let identities: IdentityHeaderSigner
        let second: Int64
        let amzDate: [UInt8]

        init(signer: PreparedSigner, identities: IdentityHeaderSigner, at now: Timestamp) {
            self.signer = signer
            self.identities = identities
            second = now.seconds
            var date: [UInt8] = []
            now.appendAmzDate(to: &date)
            amzDate = date
        }
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
        self.identities = Mutex(identities)
        duration = metrics.histogram(
            "strongroom_gateway_upstream_seconds", help: "From a request forwarded to its response's head.",
            labels: MetricLabel("service", service.rawValue))
    }

    /// Credentials come by the AWS default chain, from the profile named after the service; the identity key from the keyring, its first.
    convenience init(to service: ServiceName, runtime: Runtime, client: HTTPClient) throws {
        self.init(
            service: service, endpoint: runtime.address(of: service), region: runtime.cluster.name,
            credentials: CredentialChain(for: service, runtime: runtime, client: client),
            identities: try Self.signer(for: service, runtime.keyring, issuer: runtime.cluster.publicURL), metrics: runtime.metrics)
        runtime.secretsWatch.onChange { [self] keyring in
            let signer = try Self.signer(for: service, keyring, issuer: runtime.cluster.publicURL)
            return { [self] in identities.withLock { $0 = signer } }
        }
    }

    private static func signer(for service: ServiceName, _ keyring: Keyring, issuer: String) throws -> IdentityHeaderSigner {
        guard let key = keyring.identityKeys.first(where: { $0.audience == service }) else { throw GatewaySetupError.noIdentityKey(service) }
        return IdentityHeaderSigner(issuer: issuer, audience: service, key: try IdentityKey(keyID: key.kid, key: key.key))
    }

    /// What signs now, where this second's is at hand.
    func signing(at now: Timestamp) -> Signing? {
        current.withLock { $0.flatMap { $0.second == now.seconds ? $0 : nil } }
    }

    /// Asks the chain, which refreshes long before anything expires.
    func newSigning(at now: Timestamp) async throws(CredentialError) -> Signing {
        let provided = try await credentials.credentials()
        return current.withLock { kept in
            let same = kept.flatMap { $0.signer.credentials == provided.credentials ? $0.signer : nil }
            let signer = same ?? PreparedSigner(credentials: provided.credentials, region: region, service: service.rawValue)
            let signing = Signing(signer: signer, identities: identities.withLock { $0 }, at: now)
            kept = signing
            return signing
        }
    }

    /// The request for the service: the caller's fields that may go on, then the gateway's own, which nobody else's can stand in for; signed over
    /// everything that decides.
    ///
    /// - Parameter trace: the span of this hop.
    func request(_ outbound: Outbound, trace: TraceContext?, signing: Signing, at now: Timestamp) -> ClientRequest {
        let (headers, fields, target) = (outbound.request.headers, outbound.fields, outbound.target)
        let (host, amzDate) = (host, signing.amzDate)
        var own = OwnFields(outbound.method, target, room: headers.bytes.count + 2_048)
        for index in 0..<headers.count where fields.isForwarded(index) { own.lines.add(from: headers, at: index) }
        if let index = fields.contentType, fields.isForwarded(index) {
            own.sign(HeaderNames.contentType, headers.bytes.span.extracting(headers.valueRange(at: index)))
        }
        own.attach(HeaderNames.host, host.span)
        if let trace { own.attach(HeaderNames.traceparent) { trace.append(to: &$0) } }
        let payload = outbound.bodyHash.map(Self.hexadecimal) ?? Self.emptyPayload
        own.attach(HeaderNames.amzContentSHA256, payload.span)
        own.attach(HeaderNames.amzDate, amzDate.span)
        if let token = signing.signer.credentials.sessionToken { own.attach(HeaderNames.amzSecurityToken, token.utf8.span) }
        if let amzTarget = outbound.amzTarget { own.attach(HeaderNames.amzTarget, amzTarget.span) }
        // Names this one call, so that no two signatures are equal and one from before a callee's start is known.
        own.attach(HeaderNames.callID) { UUID.v7(at: now, random: (Random.uint64(), Random.uint64())).append(to: &$0) }
        own.attach(HeaderNames.identity) { value in
            signing.identities.append(
                outbound.identity, requestID: outbound.requestID, source: outbound.source, method: outbound.method.rawValue,
                target: target.span, at: now, to: &value)
        }
        own.attach(HeaderNames.requestID) { outbound.requestID.append(to: &$0) }
        own.sign(by: signing.signer, payloadHash: payload.span, at: now, amzDate: amzDate.span)
        return outbound.request(with: own.lines)
    }

    private static func hexadecimal(_ hash: SHA256Digest) -> [UInt8] {
        var text: [UInt8] = []
        hash.withSpan { Hex.encode($0, into: &text) }
        return text
    }

    private static let emptyPayload = Array(EmptyPayload.hash.utf8)
}
