import Encodings

enum CanonicalPath {
    static func append(_ path: Span<UInt8>, style: PathStyle, to output: inout [UInt8]) {
        guard path.count > 0 else {
            output.append(UInt8(ascii: "/"))
            return
        }
        switch style {
        case .asSent: output.append(path)
        case .normalised: appendNormalised(path, to: &output)
        }
    }

    /// RFC 3986 §5.2.4, and empty segments go too, as AWS does it; then percent-encoding.
    private static func appendNormalised(_ path: Span<UInt8>, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "/"))
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
