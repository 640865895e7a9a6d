public import Crypto
public import Encodings

/// Decides whether a claimed signature holds. Pure: the caller finds the key, hashes the body and tells the time.
///
/// The order is: read the claim (`SignatureClaim`), check where and when it claims to hold (`admit`), find the signing key of
/// `claim.accessKeyID` and `claim.scope`, then `verify`.
public struct Verifier: Sendable {
    /// How far a signature's date may lie from the verifier's clock, in seconds.
    public let window: Int
    let queries: [CanonicalQuery.Form]

    /// - Parameters:
    ///   - window: 300 at the cluster's edge, 60 between its services.
    ///   - normalisesQueries: whether a query that is signed as AWS writes it holds as well as one that is signed as it is sent. Their parameters are the same.
    public init(window: Int, normalisesQueries: Bool = false) {
        self.window = window
        queries = normalisesQueries ? [.asSent, .normalised] : [.asSent]
    }

    /// Checks region, service and date of a claim, before its key is looked up.
    /// - Parameters:
    ///   - service: nil if the caller accepts several and has looked itself.
    ///   - urlSeconds: how long a presigned URL is good, whatever it says; nil goes by what it says, and where that is nothing by the window, as for a header.
    public func admit(
        _ claim: SignatureClaim, region: [UInt8], service: [UInt8]?, urlSeconds: Int? = nil, now: Timestamp
    ) throws(SigV4Error) {
        guard claim.scope.region == region else { throw .invalidClaim("Credential should be scoped to a valid region. ") }
        if let service, claim.scope.service != service {
            throw .invalidClaim("Credential should be scoped to correct service: '\(String(decoding: service, as: UTF8.self))'. ")
        }
        let seconds = if case .query(let said) = claim.carrier { urlSeconds ?? said ?? window } else { window }
        let oldest = now.adding(seconds: Int64(-seconds))
        // The text carries whole seconds; so does the comparison, or a signature made in this second might lie in the future.
        guard claim.date.seconds >= oldest.seconds else {
            throw .expired(date: claim.date, oldest: oldest, now: now, minutes: seconds / 60)
        }
        let newest = now.adding(seconds: Int64(window))
        guard claim.date.seconds <= newest.seconds else {
            throw .notYetCurrent(date: claim.date, newest: newest, now: now, minutes: window / 60)
        }
    }

    /// Checks the signature itself.
    /// - Parameters:
    ///   - target: path and query as they stand in the request line.
    ///   - bodyHash: of the whole body as received. A request that announces another in `x-amz-content-sha256` is refused, and
    ///     so is one that announces none by `UNSIGNED-PAYLOAD` or a streaming form: every body is signed.
    ///   - key: the signing key for the claim's scope.
    public func verify(
        _ claim: SignatureClaim, method: Span<UInt8>, target: Span<UInt8>, fields: borrowing some SignableFields, bodyHash: SHA256Digest,
        key: SigningKey
    ) throws(SigV4Error) {
        guard key.scope == claim.scope else { throw .signatureMismatch }
        try requireSigned(claim, fields)
        var payload: [UInt8] = []
        payload.reserveCapacity(64)
        bodyHash.withSpan { Hex.encode($0, into: &payload) }
        guard announcesNoOther(payload, fields) else { throw .signatureMismatch }
        for form in queries {
            guard
                let request = CanonicalRequest(
                    method: method, target: target, query: form, fields: fields, signedHeaders: claim.signedHeaders.span, payloadHash: payload.span,
                    omittingSignature: claim.carrier != .header)
            else { throw .signatureMismatch }
            let expected = StringToSign(date: claim.date, scope: claim.scope, requestHash: request.hash).signature(under: key)
            let equal = expected.withSpan { expected in claim.signature.withSpan { constantTimeEquals(expected, $0) } }
            if equal { return }
        }
        throw .signatureMismatch
    }

    /// Checks the signature before the body has been read, against the hash that the request announces in `x-amz-content-sha256`.
    /// - Returns: the announced hash. The body must not be used before it has been compared with it.
    public func verifyHead(
        _ claim: SignatureClaim, method: Span<UInt8>, target: Span<UInt8>, fields: borrowing some SignableFields, key: SigningKey
    ) throws(SigV4Error) -> SHA256Digest {
        var announced: SHA256Digest?
        fields.forEachField { name, value in
            guard announced == nil, name.count == 20, CanonicalHeaders.isSame(name, "x-amz-content-sha256".utf8.span) else { return }
            announced = Hex.decode(value).flatMap { SHA256Digest($0.span) }
        }
        guard let announced else { throw .invalidClaim("The request must announce its body's hash in X-Amz-Content-Sha256.") }
        try verify(claim, method: method, target: target, fields: fields, bodyHash: announced, key: key)
        return announced
    }

    /// `host` and every `x-amz-` header that is there must be signed, or somebody on the way could add one that changes the
    /// request's meaning; and so must the date that the header form goes by. Some signers leave `x-amz-content-sha256` out: it is compared with the body, whose hash is
    /// signed.
    private func requireSigned(_ claim: SignatureClaim, _ fields: borrowing some SignableFields) throws(SigV4Error) {
        guard claim.signs("host".utf8.span) else {
            throw .invalidClaim("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
        }
        if claim.carrier == .header, !claim.signs("x-amz-date".utf8.span), !claim.signs("date".utf8.span) {
            throw .invalidClaim("'X-Amz-Date' or 'Date' must be a 'SignedHeader' in the AWS Authorization.")
        }
        var unsigned = false
        fields.forEachField { name, _ in
            guard name.count > 6, CanonicalHeaders.isSame(name.extracting(0..<6), "x-amz-".utf8.span) else { return }
            if !claim.signs(name), !CanonicalHeaders.isSame(name, "x-amz-content-sha256".utf8.span) { unsigned = true }
        }
        if unsigned { throw .invalidClaim("There were headers present in the request which were not signed") }
    }

    private func announcesNoOther(_ payload: [UInt8], _ fields: borrowing some SignableFields) -> Bool {
        var same = true
        fields.forEachField { name, value in
            guard name.count == 20, CanonicalHeaders.isSame(name, "x-amz-content-sha256".utf8.span) else { return }
            if !value.equals(payload.span) { same = false }
        }
        return same
    }
}
