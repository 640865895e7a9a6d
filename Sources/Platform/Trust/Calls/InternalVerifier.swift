public import Bootstrap
public import Contracts
import Crypto
import Encodings
public import HTTP
import Processes
import SigV4
import Tokens

/// The callee's side of calls between services: who calls, that nobody changed or repeated the call, whether this caller may make it, and for
/// which user.
///
/// Signature Version 4 with a window of 60 seconds; each signature once; none from before this process started. The identity
/// header is looked at only after that.
public struct InternalVerifier: Sendable {
    /// Seconds by which a call's date may differ from the clock.
    public static let window = 60

    /// The service this verifies for.
    public let callee: ServiceName
    private let service: [UInt8]
    private let region: [UInt8]
    private let verifier = Verifier(window: window)
    private let keys: CallerKeys
    private let tools: [Keyring.CallerKey]
    private let identities: CurrentIdentityKeys
    private let replays: ReplayGuard
    private let clock: WallClock
    private let startedAt: Timestamp
    private let uptime: @Sendable () -> Duration

    /// - Parameters:
    ///   - tools: the key of the service's own tools, where it has any.
    ///   - uptime: how long this has been there, by a clock that nobody sets.
    public init(
        service: ServiceName, cluster: Cluster, keyring: Keyring, tools: ToolKey? = nil, clock: WallClock,
        uptime: (@Sendable () -> Duration)? = nil
    ) throws {
        callee = service
        self.service = Array(service.rawValue.utf8)
        region = Array(cluster.name.utf8)
        self.tools = tools.map { [Keyring.CallerKey(caller: service, accessKeyID: $0.accessKeyID, secret: $0.secret)] } ?? []
        keys = CallerKeys(keyring.callers + self.tools)
        identities = CurrentIdentityKeys(try IdentityHeaderVerifier(audience: service, keyring))
        replays = ReplayGuard(window: Int64(InternalVerifier.window))
        self.clock = clock
        startedAt = clock.now()
        let start = SystemClock.monotonicNanoseconds()
        self.uptime = uptime ?? { .nanoseconds(SystemClock.monotonicNanoseconds() - start) }
    }

    public init(runtime: Runtime) throws {
        let tools = runtime.service.sealsData ? try runtime.secrets.toolKey() : nil
        try self.init(service: runtime.service, cluster: runtime.cluster, keyring: runtime.keyring, tools: tools, clock: runtime.clock)
        runtime.secretsWatch.onChange { [self] in try prepare($0) }
    }

    /// Takes signing keys that the authorizer derived, by access key and day.
    func learn(_ days: [String: SigningDays]) { keys.learn(days) }

    /// Whether calls of every caller can be verified at this time.
    func covers(_ time: Timestamp) -> Bool { keys.cover(time) }

    /// Has it go by another keyring, once what is returned is called.
    func prepare(_ keyring: Keyring) throws -> @Sendable () -> Void {
        let verifier = try IdentityHeaderVerifier(audience: callee, keyring)
        return { [self] in
            keys.replace(with: keyring.callers + tools)
            identities.replace(with: verifier)
        }
    }

    /// A call whose head holds. Its body must be compared before it is used.
    public struct VerifiedHead: Sendable {
        public let context: CallContext
        let bodyHash: SHA256Digest

        /// - Throws: `bodyMismatch` if `body` isn't what the caller signed.
        public func check(body: Span<UInt8>) throws(InternalCallError) {
            guard SHA256.hash(body) == bodyHash else { throw .bodyMismatch }
        }
    }

    /// Verifies a call by its head, so that no body is read for somebody who may not call.
    public func verify(_ head: RequestHead, rule: CallRule) throws(InternalCallError) -> VerifiedHead {
        let now = clock.now()
        try requireCanonicalTarget(head)
        let claim = try claim(of: head)
        try requireSigned(claim, head.headers)
        do throws(SigV4Error) { try verifier.admit(claim, region: region, service: service, now: now) } catch { throw .signature(error) }
        let (caller, key) = try keys.key(for: claim)
        let bodyHash: SHA256Digest
        do throws(SigV4Error) {
            bodyHash = try verifier.verifyHead(
                claim, method: head.method.rawValue.utf8.span, target: head.headers.bytes.span.extracting(head.targetRange), fields: head.headers,
                key: key)
        } catch {
            throw .signature(error)
        }
        let callID = try callID(of: head.headers)
        // Later on a call from before the start is too old anyway, and only the clock may have been wrong then.
        guard let madeAt = callID.time, madeAt.milliseconds >= startedAt.milliseconds || uptime() > .seconds(2 * Self.window) else {
            throw .beforeStart
        }
        switch replays.admit(claim.signature, date: claim.date, now: now) {
        case .fresh: break
        case .repeated: throw .repeated
        case .full: throw .overloaded
        }
        guard rule.callers.contains(caller) else { throw .callerNotAllowed }
        let identity = try identity(of: head, from: caller, rule: rule, now: now)
        let passedOn = try requestID(of: head.headers)
        return VerifiedHead(
            context: CallContext(
                caller: caller, identity: identity?.caller, source: identity?.source, requestID: identity?.requestID ?? passedOn ?? callID),
            bodyHash: bodyHash)
    }

    /// The canonical request of a signature leaves out dot segments and empty ones, so a signature alone would hold for several targets. Callers
    /// send the canonical one.
    private func requireCanonicalTarget(_ head: RequestHead) throws(InternalCallError) {
        let target = head.headers.bytes.span.extracting(head.targetRange)
        var canonical: [UInt8] = []
        canonical.reserveCapacity(target.count)
        do throws(CanonicalTargetError) {
            // Origin-form only, so there is no authority to compare with the host.
            _ = try CanonicalTarget.append(target, host: [UInt8]().span, to: &canonical)
        } catch {
            throw .targetNotCanonical
        }
        guard canonical.span.equals(target) else { throw .targetNotCanonical }
    }

    private func claim(of head: RequestHead) throws(InternalCallError) -> SignatureClaim {
        guard let index = head.headers.index(of: .authorization) else { throw .signature(.missingAuthenticationToken) }
        guard head.headers.index(of: .authorization, from: index + 1) == nil else { throw .malformedHeader(HeaderNames.authorization.description) }
        do throws(SigV4Error) {
            return try SignatureClaim(
                authorization: head.headers.bytes.span.extracting(head.headers.valueRange(at: index)), fields: head.headers)
        } catch {
            throw .signature(error)
        }
    }

    /// The SigV4 verifier sees to `host` and all `x-amz-` headers; these are ours, and each decides something.
    private func requireSigned(_ claim: SignatureClaim, _ headers: Headers) throws(InternalCallError) {
        for name in CallHeaders.decisive where headers.contains(name) && !claim.signs(name.bytes.span) {
            throw .unsignedHeader(name.description)
        }
    }

    /// The call's own id, made for it alone. Its time is finer than the signature's date, so that a call from before a restart is told from one after
    /// it in the same second.
    private func callID(of headers: Headers) throws(InternalCallError) -> UUID {
        guard let index = headers.index(of: CallHeaders.callID), headers.index(of: CallHeaders.callID, from: index + 1) == nil,
            let id = UUID(headers.bytes.span.extracting(headers.valueRange(at: index)))
        else { throw .malformedHeader(HeaderNames.callID.description) }
        return id
    }

    private func requestID(of headers: Headers) throws(InternalCallError) -> UUID? {
        guard let index = headers.index(of: CallHeaders.requestID) else { return nil }
        guard headers.index(of: CallHeaders.requestID, from: index + 1) == nil,
            let id = UUID(headers.bytes.span.extracting(headers.valueRange(at: index)))
        else {
            throw .malformedHeader(HeaderNames.requestID.description)
        }
        return id
    }

    private func identity(
        of head: RequestHead, from caller: ServiceName, rule: CallRule, now: Timestamp
    ) throws(InternalCallError) -> VerifiedIdentity? {
        guard let index = head.headers.index(of: CallHeaders.identity) else {
            if case .required = rule.identity { throw .identityMissing }
            return nil
        }
        if case .forbidden = rule.identity { throw .identityNotAllowed }
        guard caller == .gateway else { throw .identityNotAllowed }
        guard head.headers.index(of: CallHeaders.identity, from: index + 1) == nil else { throw .identity(.duplicated) }
        let bytes = head.headers.bytes.span
        do throws(TokenError) {
            return try identities.verifier.verify(
                bytes.extracting(head.headers.valueRange(at: index)), method: head.method.rawValue, target: bytes.extracting(head.targetRange),
                at: now)
        } catch {
            throw .identity(error)
        }
    }
}
