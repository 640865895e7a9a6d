import Bytes
import Crypto
import Encodings

extension SignatureClaim {
    /// Reads the header form:
    ///
    ///     Authorization: AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…
    ///
    /// - Parameter authorization: the value of the one `Authorization` field.
    public init(authorization: Span<UInt8>, fields: borrowing some SignableFields) throws(SigV4Error) {
        let parts = try AuthorizationParts(authorization)
        let dates = DateFields(fields)
        guard let credential = parts.credential, let signature = parts.signature, let signedHeaders = parts.signedHeaders, dates.isPresent else {
            throw AuthorizationParts.incomplete(parts, hasDate: dates.isPresent, authorization)
        }
        guard let date = dates.date else {
            throw .incompleteSignature(
                "Date must be in ISO-8601 'basic format'. Got a value in another form. See http://en.wikipedia.org/wiki/ISO_8601")
        }
        try self.init(
            carrier: .header, credential: authorization.extracting(credential), signedHeaders: authorization.extracting(signedHeaders),
            signature: authorization.extracting(signature), date: date, sessionToken: dates.token)
    }
}

/// Where the parts of an `Authorization` value lie.
private struct AuthorizationParts {
    var credential: Range<Int>?
    var signedHeaders: Range<Int>?
    var signature: Range<Int>?

    init(_ text: Span<UInt8>) throws(SigV4Error) {
        var index = text.firstIndex(of: UInt8(ascii: " "))
        let scheme = text.extracting(0..<index)
        // Without a space the value is read as its parameters, so that a bare token is told that it has no equal-sign.
        if index == text.count { index = 0 }
        while index < text.count {
            while index < text.count, text[index] == UInt8(ascii: " ") || text[index] == UInt8(ascii: ",") { index += 1 }
            guard index < text.count else { break }
            let start = index
            let rest = text.extracting(start..<text.firstIndex(of: UInt8(ascii: ","), from: start))
            index = start + rest.firstIndex(of: UInt8(ascii: " "))
            try take(text, start..<index)
        }
        let algorithm = StringToSign.algorithm
        guard scheme.equals(algorithm.span) || credential == nil else {
            throw .incompleteSignature("Unsupported AWS 'algorithm' in Authorization header")
        }
    }

    private mutating func take(_ text: Span<UInt8>, _ pair: Range<Int>) throws(SigV4Error) {
        var equals = pair.lowerBound
        while equals < pair.upperBound, text[equals] != UInt8(ascii: "=") { equals += 1 }
        guard equals < pair.upperBound else {
            throw .incompleteSignature(
                "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '\(SigV4Error.hashed(text))'."
            )
        }
        let name = text.extracting(pair.lowerBound..<equals)
        let value = equals + 1..<pair.upperBound
        if name.equals("Credential".utf8.span) {
            try AuthorizationParts.set(&credential, value)
        } else if name.equals("SignedHeaders".utf8.span) {
            try AuthorizationParts.set(&signedHeaders, value)
        } else if name.equals("Signature".utf8.span) {
            try AuthorizationParts.set(&signature, value)
        }
    }

    /// A parameter that stands twice has no one meaning.
    private static func set(_ part: inout Range<Int>?, _ value: Range<Int>) throws(SigV4Error) {
        guard part == nil else { throw .incompleteSignature("Authorization header has a parameter more than once.") }
        part = value
    }

    static func incomplete(_ parts: AuthorizationParts, hasDate: Bool, _ text: Span<UInt8>) -> SigV4Error {
        var sentences = ""
        if parts.credential == nil { sentences += "Authorization header requires 'Credential' parameter. " }
        if parts.signature == nil { sentences += "Authorization header requires 'Signature' parameter. " }
        if parts.signedHeaders == nil { sentences += "Authorization header requires 'SignedHeaders' parameter. " }
        if !hasDate { sentences += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. " }
        return .incompleteSignature("\(sentences)(Hashed with SHA-256 and encoded with Base64) Authorization=\(SigV4Error.hashed(text))")
    }
}

/// The fields beside `Authorization` that the header form reads.
private struct DateFields {
    /// Whether there is a field, and what it says; nil if it isn't a date.
    private var amzDate: (isPresent: Bool, time: Timestamp?) = (false, nil)
    private var httpDate: (isPresent: Bool, time: Timestamp?) = (false, nil)
    private(set) var token: [UInt8]?

    init(_ fields: borrowing some SignableFields) {
        var amzDate = (isPresent: false, time: Timestamp?.none)
        var httpDate = (isPresent: false, time: Timestamp?.none)
        var token: [UInt8]?
        fields.forEachField { name, value in
            // The first of repeated fields is read; the signature covers them all, so nobody can add one.
            switch name.count {
            case 10 where !amzDate.isPresent && CanonicalHeaders.isSame(name, "x-amz-date".utf8.span):
                amzDate = (true, Timestamp.parse(amzDate: value))
            case 4 where !httpDate.isPresent && CanonicalHeaders.isSame(name, "date".utf8.span):
                httpDate = (true, Timestamp.parse(httpDate: value) ?? Timestamp.parse(amzDate: value))
            case 20 where token == nil && CanonicalHeaders.isSame(name, "x-amz-security-token".utf8.span):
                var bytes: [UInt8] = []
                bytes.append(value)
                token = bytes
            default: break
            }
        }
        self.amzDate = amzDate
        self.httpDate = httpDate
        self.token = token
    }

    var isPresent: Bool { amzDate.isPresent || httpDate.isPresent }

    var date: Timestamp? { amzDate.isPresent ? amzDate.time : httpDate.time }
}
