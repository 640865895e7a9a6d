/// Messages that are mostly right, and then damaged in the ways that have fooled parsers.
struct MessageGenerator {
    var random: SplitMix

    init(seed: UInt64) { random = SplitMix(state: seed) }

    mutating func requests() -> [UInt8] { damaged((0..<random.pick([1, 1, 2, 3])).map { _ in request() }.joined()) }
    mutating func responses() -> [UInt8] { damaged((0..<random.pick([1, 1, 1, 2])).map { _ in response() }.joined()) }

    // MARK: Whole messages

    private mutating func request() -> String {
        let method = usually(["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"], or: ["PROPFIND", "get", "", "GET\t", "CONNECT"])
        let target = usually(["/", "/a/b?c=d", "/%2e%2e/x", "http://x/y", "/a;b,c", "//"], or: ["*", "/\u{e4}", "x", "/a b", "/?#f", ""])
        let version = usually(["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0"], or: ["HTTP/1.2", "HTTP/2.0", "http/1.1", "HTTP/1.1 ", "HTTP/1.1\n"])
        let host = usually(["Host: x\r\n", "Host: x:80\r\n", "host:x\r\n"], or: ["", "Host: x\r\nHost: y\r\n", "Host: x, y\r\n", "Host: a@b\r\n"])
        let (fields, body) = framing(isRequest: true)
        return "\(method) \(target) \(version)\r\n\(host)\(otherFields())\(fields)\r\n\(body)"
    }

    private mutating func response() -> String {
        let status = usually(
            ["200 OK", "200 ", "204 No Content", "304 Not Modified", "100 Continue", "404 Not\tFound", "500 \u{e9}"],
            or: ["200", "2000 OK", "99 X", "20 X", "200 \u{1}"])
        let version = usually(["1.1", "1.1", "1.0"], or: ["1.2", "11", "2.0"])
        let (fields, body) = framing(isRequest: false)
        return "HTTP/\(version) \(status)\r\n\(otherFields())\(fields)\r\n\(body)"
    }

    private mutating func otherFields() -> String {
        (0..<random.pick([0, 1, 2, 4])).map { _ in
            usually(
                [
                    "Accept: */*\r\n", "X-Empty:\r\n", "X-Space: \t a \t b \t \r\n", "Connection: keep-alive\r\n", "X: \u{ff}\r\n",
                    "Cookie: a=b; c=d\r\n",
                    "Content-Type: text/plain; charset=\"utf-8\"\r\n", "X-Quote: \"a\\\"b\r\n", "Long: \(String(repeating: "x", count: 300))\r\n",
                ],
                or: [
                    "Connection: close\r\n", "Expect: 100-continue\r\n", "Bad Name: x\r\n", "Colon : x\r\n", ": x\r\n", "X-Ctl: a\u{1}b\r\n",
                    "Fold: a\r\n b\r\n",
                ])
        }.joined()
    }

    private mutating func framing(isRequest: Bool) -> (fields: String, body: String) {
        let body = String(repeating: "b", count: random.pick([0, 1, 5, 20]))
        switch Int.random(in: 0..<10, using: &random) {
        case 0...1 where isRequest || random.chance(20): return ("", isRequest ? "" : body)
        case 0...4:
            let length =
                random.chance(93)
                ? "\(body.count)" : random.pick(["+5", "05", "5 ", " 5", "5,5", "0x5", "5;", "-1", "", "18446744073709551617", "5\t"])
            return ("Content-Length: \(length)\r\n" + (random.chance(8) ? "Content-Length: \(body.count)\r\n" : ""), body)
        case 5...8:
            let coding =
                random.chance(93)
                ? "chunked"
                : random.pick([
                    "Chunked", "chunked ", " chunked", "xchunked", "chunked, chunked", "gzip, chunked", "identity", "chunked;q=1", "\u{b}chunked", "",
                    "chunked\u{0}",
                ])
            let name =
                random.chance(92)
                ? "Transfer-Encoding" : random.pick(["Transfer-Encoding ", "transfer_encoding", "TRANSFER-ENCODING", "Transfer\tEncoding"])
            let both = random.chance(6) ? "Content-Length: 3\r\n" : ""
            return ("\(both)\(name): \(coding)\r\n", chunks())
        default:
            guard random.chance(30) else { return ("Content-Length: 0\r\n", "") }
            return ("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", chunks())
        }
    }

    private mutating func chunks() -> String {
        var text = ""
        for _ in 0..<random.pick([0, 1, 2, 3]) {
            let count = random.pick([1, 3, 10, 17])
            var size = String(count, radix: 16, uppercase: random.chance(50))
            if random.chance(10) {
                size = random.pick(["0\(size)", "\(size) ", " \(size)", "0x\(size)", "+\(size)", "-\(size)", "1\(size)", "", "fffffffffffffffff"])
            }
            text += "\(size)\(chunkExtension())\r\n\(String(repeating: "c", count: count))\r\n"
        }
        let trailers =
            random.chance(20)
            ? random.pick(["X-T: 1\r\n", "A: b\r\nC: d\r\n", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "X : y\r\n", "X-T: 1\n"]) : ""
        return "\(text)0\(chunkExtension())\r\n\(trailers)\r\n"
    }

    private mutating func chunkExtension() -> String {
        random.chance(85)
            ? "" : random.pick([";a", ";a=b", ";a=\"b;c\"", "; a", ";", ";a=", ";a=\"", ";\n", ";a\r", ";a=\"\\\"\"", ";a=b;c=d", "\t;a"])
    }

    private mutating func usually(_ right: [String], or wrong: [String]) -> String { random.chance(96) ? random.pick(right) : random.pick(wrong) }

    // MARK: Damage

    private mutating func damaged(_ text: String) -> [UInt8] {
        var bytes = text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
        guard random.chance(50) else { return bytes }
        for _ in 0..<random.pick([1, 1, 2, 4]) where !bytes.isEmpty { damage(&bytes) }
        return bytes
    }

    private static let tokens = [
        "\r\n", "\n", "\r", " ", "\t", "\0", ":", ";", ",", "0", "1", "-", "+", "_", "\u{7f}", "\u{80}", "\u{b}", "\u{c}", "\r\n\r\n", "\r\n ",
        "0\r\n\r\n", "\r\r\n",
        "Transfer-Encoding: chunked\r\n", "Content-Length: 3\r\n", "Content-Length: 3\r\nContent-Length: 3\r\n", "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "Host: z\r\n", "HTTP/1.1 200 OK\r\n\r\n",
    ]

    private mutating func damage(_ bytes: inout [UInt8]) {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        let end = min(bytes.count, at + random.pick([1, 1, 2, 5, 20]))
        switch Int.random(in: 0..<7, using: &random) {
        case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.removeSubrange(at..<end)
        case 2: bytes.insert(contentsOf: bytes[at..<end], at: at)
        case 3...4: bytes.insert(contentsOf: random.pick(Self.tokens).unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }, at: at)
        case 5:
            // Damage at a line end is what smuggling is made of.
            guard let line = bytes[at...].firstIndex(of: 13) else { return }
            if random.chance(50) { bytes.remove(at: line) } else { bytes.insert(random.pick([10, 13, 32, 9, 0]), at: line) }
        default: bytes.removeLast(min(bytes.count, random.pick([1, 2, 5])))
        }
    }
}
