public import Crypto
import Encodings

/// The canonical request of Signature Version 4 ("Create a canonical request" in AWS's signing documentation):
///
///     Method \n Path \n Query \n Header:Value \n … \n SignedHeaders \n PayloadHash
public struct CanonicalRequest: Sendable {
    public private(set) var bytes: [UInt8]

    /// - Parameters:
    ///   - target: path and query as they stand in the request line.
    ///   - signedHeaders: lower-case names, sorted, with `;` between them.
    ///   - payloadHash: lower-case hex, or one of the words AWS defines in its place.
    ///   - omittingSignature: leaves out the query's `X-Amz-Signature`, as presigned requests do.
    /// - Returns: nil if a signed header is absent.
    public init?(
        method: Span<UInt8>, target: Span<UInt8>, fields: borrowing some SignableFields, signedHeaders: Span<UInt8>, payloadHash: Span<UInt8>,
        omittingSignature: Bool = false
    ) {
        self.init(
            method: method, target: target, query: .asSent, fields: fields, signedHeaders: signedHeaders, payloadHash: payloadHash,
            omittingSignature: omittingSignature)
    }

    init?(
        method: Span<UInt8>, target: Span<UInt8>, query form: CanonicalQuery.Form, fields: borrowing some SignableFields, signedHeaders: Span<UInt8>,
        payloadHash: Span<UInt8>, omittingSignature: Bool
    ) {
        bytes = []
        bytes.reserveCapacity(target.count + 1024)
        bytes.append(method)
        bytes.append(UInt8(ascii: "\n"))
        var question = 0
        while question < target.count, target[question] != UInt8(ascii: "?") { question += 1 }
        CanonicalPath.append(target.extracting(0..<question), to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
        if question + 1 < target.count {
            CanonicalQuery.append(target.extracting((question + 1)...), form, omittingSignature: omittingSignature, to: &bytes)
        }
        bytes.append(UInt8(ascii: "\n"))
        guard CanonicalHeaders.append(signedHeaders, of: fields, to: &bytes) else { return nil }
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(signedHeaders)
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(payloadHash)
    }

    public var hash: SHA256Digest { SHA256.hash(bytes.span) }
}
