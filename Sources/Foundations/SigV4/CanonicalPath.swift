import Encodings

/// A path as it enters the canonical request: what every AWS SDK does for every service but S3, and what our verifiers expect.
enum CanonicalPath {
    /// Dot segments are removed (RFC 3986 §5.2.4), and empty ones too, as AWS does it; then every byte but the unreserved ones and `/` is escaped, the `%` of
    /// existing escapes too.
    /// - Parameter path: as it stands in the request line, so that a signer that signs the path it sends agrees with us whatever it escaped.
    static func append(_ path: Span<UInt8>, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "/"))
        guard path.count > 0 else { return }
        let root = output.count
        var index = 0
        while index < path.count {
            var end = index
            while end < path.count, path[end] != UInt8(ascii: "/") { end += 1 }
            let segment = path.extracting(index..<end)
            if segment.equals("..".utf8.span) {
                dropSegment(after: root, of: &output)
            } else if segment.count > 0, !segment.equals(".".utf8.span) {
                if output.count > root { output.append(UInt8(ascii: "/")) }
                PercentEncoding.encode(segment, into: &output)
            }
            index = end + 1
        }
        if output.count > root, path[path.count - 1] == UInt8(ascii: "/") { output.append(UInt8(ascii: "/")) }
    }

    private static func dropSegment(after root: Int, of output: inout [UInt8]) {
        while output.count > root {
            if output.removeLast() == UInt8(ascii: "/") { return }
        }
    }
}
