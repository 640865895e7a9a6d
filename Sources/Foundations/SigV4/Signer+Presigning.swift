import Crypto
public import Encodings

extension Signer {
    /// The target with a signature in its query, good from `date` on for `seconds` (1 to 604,800). Only `host` is signed of the header.
    /// - Parameter target: path and, if any, query without `X-Amz-` parameters.
    /// - Returns: nil if `seconds` is out of range.
    public func presigned(
        method: String, target: String, host: String, date: Timestamp, seconds: Int, payloadHash: String = EmptyPayload.hash
    ) -> String? {
        guard 1...604_800 ~= seconds else { return nil }
        let key = key(for: date)
        var query = Array(target.utf8)
        query.append(target.utf8.contains(UInt8(ascii: "?")) ? UInt8(ascii: "&") : UInt8(ascii: "?"))
        query.append("X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=")
        var credential = Array(credentials.accessKeyID.utf8)
        credential.append(UInt8(ascii: "/"))
        key.scope.append(to: &credential)
        PercentEncoding.encode(credential.span, into: &query)
        query.append("&X-Amz-Date=")
        date.appendAmzDate(to: &query)
        query.append("&X-Amz-Expires=")
        query.append(decimal: seconds)
        query.append("&X-Amz-SignedHeaders=host")
        if let token = credentials.sessionToken {
            query.append("&X-Amz-Security-Token=")
            PercentEncoding.encode(token.utf8.span, into: &query)
        }
        let fields: FieldList = ["host": host]
        guard
            let request = CanonicalRequest(
                method: method.utf8.span, target: query.span, fields: fields, signedHeaders: "host".utf8.span, payloadHash: payloadHash.utf8.span)
        else { return nil }
        query.append("&X-Amz-Signature=")
        StringToSign(date: date, scope: key.scope, requestHash: request.hash).signature(under: key).withSpan { Hex.encode($0, into: &query) }
        return String(decoding: query, as: UTF8.self)
    }
}
