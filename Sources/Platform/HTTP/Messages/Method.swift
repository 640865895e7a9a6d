/// The methods we speak. CONNECT and TRACE are refused on purpose (a tunnel, and an echo of credentials), unknown ones too.
public enum Method: String, Hashable, Sendable, CaseIterable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case delete = "DELETE"
    case patch = "PATCH"
    case options = "OPTIONS"

    /// Methods are case-sensitive (RFC 9110 §9.1).
    public init?(_ text: Span<UInt8>) {
        for method in Method.allCases where method.rawValue.utf8.count == text.count {
            var matches = true
            var index = 0
            for byte in method.rawValue.utf8 {
                matches = matches && text[index] == byte
                index += 1
            }
            if matches {
                self = method
                return
            }
        }
        return nil
    }

    /// RFC 9110 §9.2.2: sending the request twice has the effect of sending it once.
    public var isIdempotent: Bool {
        switch self {
        case .get, .head, .put, .delete, .options: true
        case .post, .patch: false
        }
    }
}
