public import Crypto
public import Encodings

/// The string to sign: algorithm, date, scope and the canonical request's hash, one on each line.
public struct StringToSign: Sendable {
    static let algorithm = Array("AWS4-HMAC-SHA256".utf8)

    public let bytes: [UInt8]

    public init(date: Timestamp, scope: CredentialScope, requestHash: SHA256Digest) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(192)
        bytes.append(contentsOf: StringToSign.algorithm)
        bytes.append(UInt8(ascii: "\n"))
        date.appendAmzDate(to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
        scope.append(to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
        requestHash.withSpan { Hex.encode($0, into: &bytes) }
        self.bytes = bytes
    }

    public func signature(under key: SigningKey) -> SHA256Digest {
        key.code.code(for: bytes.span)
    }
}
