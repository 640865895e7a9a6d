import Bytes
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

    /// Begins a canonical request: all that stands before its field lines.
    /// - Parameter target: path and query as they will stand in the request line, the path in canonical form.
    public static func beginRequest(method: Span<UInt8>, target: Span<UInt8>, in text: inout [UInt8]) {
        text.append(method)
        text.append(UInt8(ascii: "\n"))
        var question = 0
        while question < target.count, target[question] != UInt8(ascii: "?") { question += 1 }
        CanonicalPath.append(target.extracting(0..<question), to: &text)
        text.append(UInt8(ascii: "\n"))
        if question + 1 < target.count {
            CanonicalQuery.append(target.extracting((question + 1)...), omittingSignature: false, to: &text)
        }
        text.append(UInt8(ascii: "\n"))
    }

    /// Makes the value of `Authorization` of a canonical request.
    /// - Parameters:
    ///   - text: what ``beginRequest(method:target:in:)`` has made, and behind it `name:value\n` of each signed field, in the order of `signedHeaders`, values trimmed
    ///     and without runs of spaces; `x-amz-date` with `date` among them. The value takes its place.
    ///   - signedHeaders: lower-case names, sorted, with `;` between them.
    ///   - payloadHash: lower-case hex of the body's SHA-256.
    ///   - amzDate: `date` as `x-amz-date` has it.
    public func sign(
        _ text: inout [UInt8], signedHeaders: Span<UInt8>, payloadHash: Span<UInt8>, date: Timestamp, amzDate: Span<UInt8>
    ) {
        text.append(addingCapacity: signedHeaders.count + payloadHash.count + 2) { output in
            output.append(UInt8(ascii: "\n"))
            output.append(copying: signedHeaders)
            output.append(UInt8(ascii: "\n"))
            output.append(copying: payloadHash)
        }
        let hash = SHA256.hash(text.span)

        let today = day(of: date)
        text.removeAll(keepingCapacity: true)
        text.append(contentsOf: StringToSign.algorithm)
        text.append(UInt8(ascii: "\n"))
        text.append(amzDate)
        text.append(contentsOf: today.scopeLine)
        hash.withSpan { Hex.encode($0, into: &text) }
        let signature = today.key.code.code(for: text.span)

        text.removeAll(keepingCapacity: true)
        text.append(contentsOf: today.opening)
        text.append(signedHeaders)
        text.append(", Signature=")
        signature.withSpan { Hex.encode($0, into: &text) }
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
