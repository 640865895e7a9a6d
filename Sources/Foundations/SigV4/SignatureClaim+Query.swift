import Bytes
import Crypto
import Encodings

extension SignatureClaim {
    /// True if the query claims a signature: it has an `X-Amz-Algorithm` or `X-Amz-Signature`.
    public static func isPresigned(query: Span<UInt8>) -> Bool {
        guard let parts = try? QueryParts(query) else { return true }
        return parts.algorithm != nil || parts.signature != nil
    }

    /// What a presigned query says beside its signature: the parameters that are meant for whoever answers.
    public static func parametersBesideSignature(in query: Span<UInt8>) -> [UInt8] {
        var rest: [UInt8] = []
        QueryParts.forEachPair(of: query) { pair, name in
            guard !pair.isEmpty, QueryParts.part(name) == nil else { return }
            if !rest.isEmpty { rest.append(UInt8(ascii: "&")) }
            rest.append(pair)
        }
        return rest
    }

    /// Reads the query form of a presigned URL.
    public init(query: Span<UInt8>) throws(SigV4Error) {
        let parts = try QueryParts(query)
        guard let algorithm = parts.algorithm, let credential = parts.credential, let signature = parts.signature,
            let signedHeaders = parts.signedHeaders, let dateText = parts.date
        else { throw parts.incomplete }
        guard algorithm == StringToSign.algorithm else { throw .incompleteSignature("Unsupported AWS 'algorithm' in X-Amz-Algorithm") }
        guard let date = Timestamp.parse(amzDate: dateText.span) else {
            throw .incompleteSignature("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
        }
        let seconds = parts.expires.map { Decimal.parse($0.span) ?? 0 }
        guard seconds.map((1...604_800).contains) != false else {
            throw .incompleteSignature("X-Amz-Expires must be between 1 and 604800 seconds")
        }
        try self.init(
            carrier: .query(seconds: seconds), credential: credential.span, signedHeaders: signedHeaders.span, signature: signature.span, date: date,
            sessionToken: parts.token)
    }
}

/// The decoded `X-Amz-` parameters of a query.
private struct QueryParts {
    var algorithm: [UInt8]?
    var credential: [UInt8]?
    var date: [UInt8]?
    var expires: [UInt8]?
    var signedHeaders: [UInt8]?
    var signature: [UInt8]?
    var token: [UInt8]?

    init(_ query: Span<UInt8>) throws(SigV4Error) {
        try QueryParts.forEachPair(of: query) { (pair, name) throws(SigV4Error) in
            guard let part = QueryParts.part(name) else { return }
            guard self[keyPath: part] == nil, name.count < pair.count, let value = PercentEncoding.decode(pair.extracting((name.count + 1)...)) else {
                throw .incompleteSignature("AWS query-string parameters must stand once and be percent-encoded.")
            }
            self[keyPath: part] = value
        }
    }

    /// Lends each piece between ampersands, and its name, which ends before the first `=`.
    static func forEachPair<E: Error>(
        of query: Span<UInt8>, _ body: (_ pair: Span<UInt8>, _ name: Span<UInt8>) throws(E) -> Void
    ) throws(E) {
        var index = 0
        while index < query.count {
            let end = query.firstIndex(of: UInt8(ascii: "&"), from: index)
            let pair = query.extracting(index..<end)
            try body(pair, pair.extracting(0..<pair.firstIndex(of: UInt8(ascii: "="))))
            index = end + 1
        }
    }

    static func part(_ name: Span<UInt8>) -> WritableKeyPath<QueryParts, [UInt8]?>? {
        guard name.count >= 10, name.extracting(0..<6).equals("X-Amz-".utf8.span) else { return nil }
        if name.equals("X-Amz-Algorithm".utf8.span) { return \.algorithm }
        if name.equals("X-Amz-Credential".utf8.span) { return \.credential }
        if name.equals("X-Amz-Date".utf8.span) { return \.date }
        if name.equals("X-Amz-Expires".utf8.span) { return \.expires }
        if name.equals("X-Amz-SignedHeaders".utf8.span) { return \.signedHeaders }
        if name.equals("X-Amz-Signature".utf8.span) { return \.signature }
        if name.equals("X-Amz-Security-Token".utf8.span) { return \.token }
        return nil
    }

    var incomplete: SigV4Error {
        let required: [(String, [UInt8]?)] = [
            ("X-Amz-Algorithm", algorithm), ("X-Amz-Credential", credential), ("X-Amz-Signature", signature),
            ("X-Amz-SignedHeaders", signedHeaders), ("X-Amz-Date", date),
        ]
        let missing = required.filter { $0.1 == nil }.map { "AWS query-string parameters must include '\($0.0)'." }
        return .incompleteSignature(missing.joined(separator: " "))
    }
}
