import Crypto
public import Encodings
import Synchronization

/// Signs many requests to one service whose signed fields the caller lays out itself: no field is searched for, and the day's key, scope
/// and the beginning of `Authorization` are kept. Same signatures as `Signer`, at the price of two hashes and an HMAC.
public final class PreparedSigner: Sendable {
    private final class Day: Sendable {
        let number: Int64
        let key: SigningKey
        /// `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=`
        let opening: [UInt8]
        /// The scope's line in the string to sign, with its line feeds.
        let scopeLine: [UInt8]

        init(number: Int64, key: SigningKey, opening: [UInt8], scopeLine: [UInt8]) {
            self.number = number
            self.key = key
            self.opening = opening
            self.scopeLine = scopeLine
        }
    }

    public let credentials: Credentials
    private let region: String
    private let service: String
    private let day: Mutex<Day?> = Mutex(nil)

    public init(credentials: Credentials, region: String, service: String) {
        self.credentials = credentials
        self.region = region
        self.service = service
    }

    /// Appends the value of `Authorization`.
    /// - Parameters:
    ///   - target: path and query as they will stand in the request line, the path in canonical form.
    ///   - fieldLines: `name:value\n` of each signed field, in the order of `signedHeaders`, values trimmed and without runs of spaces;
    ///     `x-amz-date` with `date` among them.
    ///   - signedHeaders: lower-case names, sorted, with `;` between them.
    ///   - payloadHash: lower-case hex of the body's SHA-256.
    ///   - amzDate: `date` as `x-amz-date` has it.
    public func appendAuthorization(
        method: Span<UInt8>, target: Span<UInt8>, fieldLines: Span<UInt8>, signedHeaders: Span<UInt8>, payloadHash: Span<UInt8>,
        date: Timestamp, amzDate: Span<UInt8>, to output: inout [UInt8]
    ) {
        var text: [UInt8] = []
        text.reserveCapacity(method.count + target.count * 2 + fieldLines.count + signedHeaders.count + payloadHash.count + 8)
        text.append(method)
        text.append(UInt8(ascii: "\n"))
        var question = 0
        while question < target.count, target[question] != UInt8(ascii: "?") { question += 1 }
        CanonicalPath.append(target.extracting(0..<question), style: .normalised, to: &text)
        text.append(UInt8(ascii: "\n"))
        if question + 1 < target.count {
            CanonicalQuery.append(target.extracting((question + 1)...), omittingSignature: false, to: &text)
        }
        text.append(UInt8(ascii: "\n"))
        text.append(fieldLines)
        text.append(UInt8(ascii: "\n"))
        text.append(signedHeaders)
        text.append(UInt8(ascii: "\n"))
        text.append(payloadHash)
        let hash = SHA256.hash(text.span)

        let today = day(of: date)
        text.removeAll(keepingCapacity: true)
        text.append(contentsOf: StringToSign.algorithm)
        text.append(UInt8(ascii: "\n"))
        text.append(amzDate)
        text.append(contentsOf: today.scopeLine)
        hash.withSpan { Hex.encode($0, into: &text) }
        let signature = today.key.code.code(for: text.span)

        output.append(contentsOf: today.opening)
        output.append(signedHeaders)
        output.append(", Signature=")
        signature.withSpan { Hex.encode($0, into: &output) }
    }

    private func day(of date: Timestamp) -> Day {
        let number = date.seconds / 86_400
        return day.withLock { kept in
            if let kept, kept.number == number { return kept }
            let scope = CredentialScope(date: date, region: region, service: service)
            var opening = StringToSign.algorithm
            opening.append(" Credential=")
            opening.append(credentials.accessKeyID)
            opening.append(UInt8(ascii: "/"))
            scope.append(to: &opening)
            opening.append(", SignedHeaders=")
            var line = [UInt8(ascii: "\n")]
            scope.append(to: &line)
            line.append(UInt8(ascii: "\n"))
            let fresh = Day(
                number: number, key: SigningKey(secret: credentials.secretAccessKey.utf8.span, scope: scope), opening: opening, scopeLine: line)
            kept = fresh
            return fresh
        }
    }
}
