public import Contracts
public import Crypto
public import Encodings
public import HTTP
public import SigV4
import Synchronization

/// The caller's side of calls to one service: adds what the callee's `InternalVerifier` asks for. Costs three to four microseconds.
public final class CallSigner: Sendable {
    private let callee: ServiceName
    private let region: String
    private let signer: Mutex<Signer?> = Mutex(nil)

    /// - Parameter region: the cluster's name.
    public init(callee: ServiceName, region: String) {
        self.callee = callee
        self.region = region
    }

    /// Signs a request. Its headers must be complete but for what is added here: `x-amz-date`, `x-amz-content-sha256`,
    /// `x-strongroom-call-id`, the session token if there is one, and `authorization`.
    /// - Parameters:
    ///   - target: path and query as they will stand in the request line.
    ///   - headers: with `host` and, where there are any, content type, trace, request id and identity. Fields of the names that are added here
    ///     are replaced; other `x-amz-` fields (`x-amz-target`) are signed.
    ///   - bodyHash: of the whole body.
    public func sign(
        method: Method, target: Span<UInt8>, headers: inout Headers, bodyHash: SHA256Digest, credentials: Credentials, at now: Timestamp
    ) {
        for name in CallHeaders.added { headers.remove(name) }
        var hash: [UInt8] = []
        hash.reserveCapacity(64)
        bodyHash.withSpan { Hex.encode($0, into: &hash) }
        headers.add(CallHeaders.contentSHA256, hash)
        var date: [UInt8] = []
        date.reserveCapacity(16)
        now.appendAmzDate(to: &date)
        headers.add(CallHeaders.date, date)
        var callID: [UInt8] = []
        UUID.v7(at: now, random: (Random.uint64(), Random.uint64())).append(to: &callID)
        headers.add(CallHeaders.callID, callID)
        if let token = credentials.sessionToken { headers.add(CallHeaders.securityToken, token) }
        let names = CallHeaders.signedNames(of: headers)
        // Nil only for a signed header that is absent, and these were just seen.
        guard
            let authorization = signer(for: credentials).authorization(
                method: method.rawValue.utf8.span, target: target, fields: headers, signedHeaders: names.span, payloadHash: hash.span, date: now)
        else { return }
        headers.add(.authorization, authorization)
    }

    private func signer(for credentials: Credentials) -> Signer {
        signer.withLock { kept in
            if let kept, kept.credentials == credentials { return kept }
            let fresh = Signer(credentials: credentials, region: region, service: callee.rawValue)
            kept = fresh
            return fresh
        }
    }
}
