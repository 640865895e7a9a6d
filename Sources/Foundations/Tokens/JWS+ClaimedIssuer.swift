internal import Bytes
import Encodings

extension JWS {
    /// The `iss` that the token claims, before anything about it is verified: good for choosing whose keys to try, and for nothing else.
    ///
    /// A plain search, since being misled costs nothing: the wrong keys verify no signature, and `TokenExpectations` compares the
    /// issuer that the verified claims name.
    public var claimedIssuer: [UInt8]? {
        let bytes = payload.span
        var index = bytes.firstIndex(of: Self.quote)
        while index + Self.name.count < bytes.count {
            guard bytes.extracting(index..<(index + Self.name.count)).equals(Self.name.span) else {
                index = bytes.firstIndex(of: Self.quote, from: index + 1)
                continue
            }
            var start = index + Self.name.count
            while start < bytes.count, bytes[start] == UInt8(ascii: " ") || bytes[start] == UInt8(ascii: ":") { start += 1 }
            guard start < bytes.count, bytes[start] == Self.quote else { return nil }
            start += 1
            // An issuer of this cluster needs no escapes.
            let end = bytes.firstJSONSpecial(from: start)
            guard end < bytes.count, bytes[end] == Self.quote else { return nil }
            return [UInt8](copying: bytes.extracting(start..<end))
        }
        return nil
    }

    private static let quote = UInt8(ascii: "\"")
    private static let name = Array(#""iss""#.utf8)
}
