import Contracts
import HTTP

/// The header fields that internal calls carry.
enum CallHeaders {
    static let requestID = HeaderName(stringLiteral: HeaderNames.requestID)
    static let callID = HeaderName(stringLiteral: HeaderNames.callID)
    static let identity = HeaderName(stringLiteral: HeaderNames.identity)
    static let contentSHA256 = HeaderName(stringLiteral: HeaderNames.amzContentSHA256)
    static let date = HeaderName(stringLiteral: HeaderNames.amzDate)
    static let securityToken = HeaderName(stringLiteral: HeaderNames.amzSecurityToken)

    /// All that is signed where it is there, in the order of the canonical request.
    static let signed: [HeaderName] = [
        .contentType, .host, .traceparent, contentSHA256, date, securityToken, callID, identity, requestID,
    ]

    /// What the signer adds.
    static let added: [HeaderName] = [.authorization, contentSHA256, date, securityToken, callID]

    /// The list of signed headers: names in order, with `;` between them.
    static func signedNames(of headers: Headers) -> [UInt8] {
        var present = signed.filter { headers.contains($0) }
        let others = amazonFields(of: headers).filter { !signed.contains($0) }
        if !others.isEmpty {
            present = Set(present + others).sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        }
        var names: [UInt8] = []
        names.reserveCapacity(160)
        for name in present {
            if !names.isEmpty { names.append(UInt8(ascii: ";")) }
            names.append(contentsOf: name.bytes)
        }
        return names
    }

    /// The `x-amz-` fields there are, all of which a verifier wants signed.
    private static func amazonFields(of headers: Headers) -> [HeaderName] {
        let bytes = headers.bytes.span
        var names: [HeaderName] = []
        for index in 0..<headers.count {
            let range = headers.nameRange(at: index)
            guard range.count > 6, Grammar.equals(bytes.extracting(range.lowerBound..<range.lowerBound + 6), "x-amz-"),
                let name = HeaderName(bytes.extracting(range))
            else { continue }
            names.append(name)
        }
        return names
    }

    /// What must be signed if it is there, beside what Signature Version 4 itself asks for.
    static let decisive: [HeaderName] = [.contentType, .traceparent, callID, identity, requestID]
}
