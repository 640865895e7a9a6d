import Encodings

extension JWS {
    /// The `iss` that the token claims, before anything about it is verified: good for choosing whose keys to try, and for nothing else.
    ///
    /// A plain search, since being misled costs nothing: the wrong keys verify no signature, and `TokenExpectations` compares the
    /// issuer that the verified claims name.
    public var claimedIssuer: String? {
        let name = Array(#""iss""#.utf8)
        let bytes = payload.span
        var index = 0
        while index + name.count < bytes.count {
            guard bytes[index] == name[0], bytes.extracting(index..<(index + name.count)).equals(name.span) else {
                index += 1
                continue
            }
            var start = index + name.count
            while start < bytes.count, bytes[start] == UInt8(ascii: " ") || bytes[start] == UInt8(ascii: ":") { start += 1 }
            guard start < bytes.count, bytes[start] == UInt8(ascii: "\"") else { return nil }
            start += 1
            var end = start
            while end < bytes.count, bytes[end] != UInt8(ascii: "\"") {
                // An issuer of this cluster needs no escapes.
                if bytes[end] == UInt8(ascii: "\\") { return nil }
                end += 1
            }
            return String(decoding: payload[start..<end], as: UTF8.self)
        }
        return nil
    }
}
