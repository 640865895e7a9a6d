import HTTP

/// What a parser makes of a run of bytes: each message as far as it was read, in a form that can be compared.
struct Reading: Codable, Equatable {
    struct Message: Codable, Equatable {
        var start: String
        var headers: [[String]]
        var body: String
        var trailers: [[String]]
        var complete: Bool
    }

    var messages: [Message] = []

    /// - Parameter pieces: how the bytes arrive; the reading must not depend on it.
    static func ofRequests(_ pieces: [[UInt8]]) -> Reading {
        var feed = Feed(pieces: pieces)
        var reading = Reading()
        do {
            while true {
                var parser = RequestParser(limits: HeadLimits(maximumBytes: 30_000))
                guard let head = try feed.read({ (input) throws(ParseError) in try parser.parse(input) }) else { return reading }
                feed.consume(parser.consumed)
                reading.messages.append(
                    Message(
                        start: "\(head.method.rawValue) \(head.target) \(head.isVersion10 ? "1.0" : "1.1")", headers: list(head.headers), body: "",
                        trailers: [], complete: false))
                guard try reading.readBody(head.framing, &feed), head.keepsAlive else { return reading }
            }
        } catch {
            return reading
        }
    }

    static func ofResponses(_ pieces: [[UInt8]]) -> Reading {
        var feed = Feed(pieces: pieces)
        var reading = Reading()
        do {
            while true {
                var parser = ResponseParser(to: .get, limits: HeadLimits(maximumBytes: 30_000))
                guard let head = try feed.read({ (input) throws(ParseError) in try parser.parse(input) }) else { return reading }
                feed.consume(parser.consumed)
                reading.messages.append(
                    Message(
                        start: "\(head.status.rawValue) \(head.isVersion10 ? "1.0" : "1.1")", headers: list(head.headers), body: "", trailers: [],
                        complete: false))
                guard try reading.readBody(head.framing, &feed), head.keepsAlive else { return reading }
            }
        } catch {
            return reading
        }
    }

    private mutating func readBody(_ framing: Framing, _ feed: inout Feed) throws -> Bool {
        let index = messages.count - 1
        var decoder = BodyDecoder(framing, limits: HeadLimits())
        while true {
            let step = try feed.read { (input) throws(ParseError) -> BodyDecoder.Step? in
                let step = try decoder.next(input)
                if case .needMore = step { return nil }
                return step
            }
            switch step {
            case nil, .needMore: return false
            case .skip(let count): feed.consume(count)
            case .data(let count): messages[index].body += Self.hex(feed.take(count))
            case .end(let trailers):
                messages[index].trailers = trailers.map(Self.list) ?? []
                messages[index].complete = true
                return true
            }
        }
    }

    private static func list(_ headers: Headers) -> [[String]] {
        (0..<headers.count).map { index in
            let name = latin(headers, headers.nameRange(at: index)).lowercased()
            let value = latin(headers, headers.valueRange(at: index))
            // h11 hands this one out in lower case.
            return [name, name == "transfer-encoding" ? value.lowercased() : value]
        }
    }

    private static func latin(_ headers: Headers, _ range: Range<Int>) -> String {
        String(String.UnicodeScalarView(headers.bytes[range].map { Unicode.Scalar($0) }))
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}

/// Bytes that arrive in pieces.
private struct Feed {
    var pieces: [[UInt8]]
    var unread: [UInt8] = []

    init(pieces: [[UInt8]]) { self.pieces = pieces.reversed() }

    /// Asks again with more, until there is an answer or no more.
    mutating func read<R>(_ ask: (Span<UInt8>) throws(ParseError) -> R?) throws -> R? {
        while true {
            if let answer = try ask(unread.span) { return answer }
            guard let next = pieces.popLast() else { return nil }
            unread += next
        }
    }

    mutating func consume(_ count: Int) { unread.removeFirst(count) }

    mutating func take(_ count: Int) -> [UInt8] {
        defer { unread.removeFirst(count) }
        return Array(unread[..<count])
    }
}
