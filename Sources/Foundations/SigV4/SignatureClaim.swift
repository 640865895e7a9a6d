import Bytes
public import Crypto
public import Encodings

/// What a request says about its own signature, read but not yet believed.
public struct SignatureClaim: Sendable {
    public enum Carrier: Sendable, Equatable {
        /// The `Authorization` header.
        case header
        /// The query of a presigned URL, valid for so many seconds from its date, if it says.
        case query(seconds: Int?)
    }

    public let carrier: Carrier
    public let accessKeyID: [UInt8]
    public let scope: CredentialScope
    /// Lower-case names, sorted, each once, with `;` between them.
    public let signedHeaders: [UInt8]
    /// Where each name lies in the list.
    private let names: [Range<Int>]
    public let signature: SHA256Digest
    /// When the request says it was signed.
    public let date: Timestamp
    public let sessionToken: [UInt8]?

    /// Longest list of signed headers and longest access key id that are read, in bytes.
    static let limits = (signedHeaders: 2048, accessKeyID: 128)

    init(
        carrier: Carrier, credential: Span<UInt8>, signedHeaders: Span<UInt8>, signature: Span<UInt8>, date: Timestamp, sessionToken: [UInt8]?
    ) throws(SigV4Error) {
        var slashes = InlineArray<4, Int>(repeating: 0)
        var found = 0
        for index in credential.indices where credential[index] == UInt8(ascii: "/") {
            if found < 4 { slashes[found] = index }
            found += 1
        }
        guard found == 4, slashes[0] > 0, slashes[0] <= SignatureClaim.limits.accessKeyID else {
            throw .incompleteSignature("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term")
        }
        let terminator = CredentialScope.terminator
        guard credential.extracting((slashes[3] + 1)...).equals(terminator.span) else {
            throw .invalidClaim("Credential should be scoped with a valid terminator: 'aws4_request'.")
        }
        func part(_ span: Span<UInt8>) -> [UInt8] {
            var bytes: [UInt8] = []
            bytes.append(span)
            return bytes
        }
        self.carrier = carrier
        accessKeyID = part(credential.extracting(0..<slashes[0]))
        scope = CredentialScope(
            date: part(credential.extracting(slashes[0] + 1..<slashes[1])), region: part(credential.extracting(slashes[1] + 1..<slashes[2])),
            service: part(credential.extracting(slashes[2] + 1..<slashes[3])))
        self.date = date
        var stamp: [UInt8] = []
        date.appendDateStamp(to: &stamp)
        guard stamp == scope.date else {
            throw .invalidClaim("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP")
        }
        guard let names = SignatureClaim.names(of: signedHeaders) else { throw .signatureMismatch }
        self.names = names
        self.signedHeaders = part(signedHeaders)
        guard let bytes = Hex.decode(signature), let digest = SHA256Digest(bytes.span) else { throw .signatureMismatch }
        self.signature = digest
        self.sessionToken = sessionToken
    }

    /// Where the names lie. Nil unless they are lower-case tokens in strictly ascending order, as every signer writes them; so no name stands twice.
    private static func names(of names: Span<UInt8>) -> [Range<Int>]? {
        guard names.count > 0, names.count <= limits.signedHeaders, !names.holdsByte(below: 0x21), !names.holdsByte(above: 0x7E),
            names.equals(lowercase: names)
        else { return nil }
        var found: [Range<Int>] = []
        found.reserveCapacity(12)
        var previous = 0..<0
        var start = 0
        while start <= names.count {
            let name = start..<names.firstIndex(of: UInt8(ascii: ";"), from: start)
            guard !name.isEmpty, precedes(names.extracting(previous), names.extracting(name)) else { return nil }
            found.append(name)
            previous = name
            start = name.upperBound + 1
        }
        return found
    }

    private static func precedes(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        for index in 0..<min(left.count, right.count) where left[index] != right[index] { return left[index] < right[index] }
        return left.count < right.count
    }

    /// True if `name`, in any case, is in the list.
    public func signs(_ name: Span<UInt8>) -> Bool {
        let list = signedHeaders.span
        for range in names where range.count == name.count && CanonicalHeaders.isSame(name, list.extracting(range)) { return true }
        return false
    }
}
