internal import Bytes
internal import Encodings
internal import HTTP2Frames

/// Makes of a header block the head that HTTP/1.1 would have brought, and has ``RequestParser`` read it: so what a handler gets has kept the same rules, to the
/// byte, whichever way it came, and whatever is handed on to a server behind has been read in the one way there is.
///
/// What could make a line of its own is refused before a line is made (RFC 9113 §10.3).
struct RequestTranslation {
    private enum Kind { case ordinary, host, cookie }

    private let block: FieldBlock
    private let limits: HeadLimits

    init(_ block: FieldBlock, limits: HeadLimits) {
        self.block = block
        self.limits = limits
    }

    /// The four pseudo-header fields of a request (RFC 9113 §8.3.1).
    private struct Pseudo {
        var method: Range<Int>?
        var scheme: Range<Int>?
        var authority: Range<Int>?
        var path: Range<Int>?
    }

    /// - Parameters:
    ///   - scheme: the connection's own; a request that speaks of another was not meant for it.
    ///   - hasBody: the stream goes on behind the block.
    func head(scheme: StaticString, hasBody: Bool) throws(ParseError) -> RequestHead {
        if block.isCut { throw .tooLarge }
        let source = block.bytes.span
        var lines: [UInt8] = []
        lines.reserveCapacity(block.bytes.count + 4 * block.count + 32)
        var pseudo = Pseudo()
        var host: Range<Int>?
        var cookies: [Range<Int>] = []
        var first = 0
        while first < block.count, try note(source, first, &pseudo) { first += 1 }

        guard let method = pseudo.method, let path = pseudo.path, let said = pseudo.scheme else { throw .requestLine }
        guard Self.all(source, method, Grammar.isTokenByte) else { throw .requestLine }
        guard path.count > 0, Self.all(source, path, \.isVisible) else { throw .requestLine }
        guard Grammar.equals(source.extracting(said), scheme) else { throw .requestLine }
        // Only a form that HTTP/2 has: a path, or the asterisk (RFC 9113 §8.3.1).
        guard source[path.lowerBound] == UInt8(ascii: "/") || source[path.lowerBound] == UInt8(ascii: "*") else { throw .requestLine }

        var ordinary: [Int] = []
        ordinary.reserveCapacity(block.count)
        for index in first..<block.count {
            let value = block.valueRange(at: index)
            switch try Self.check(source.extracting(block.nameRange(at: index)), source.extracting(value)) {
            case .ordinary: ordinary.append(index)
            case .host:
                guard host == nil else { throw .host }
                host = value
            case .cookie: cookies.append(value)
            }
        }
        // RFC 9113 §8.3.1: where both are there, they must be the same.
        if let authority = pseudo.authority {
            guard Self.all(source, authority, \.isVisible) else { throw .host }
            if let host { guard Self.equal(source, host, authority) else { throw .host } }
        }

        lines.appendBytes(of: source.extracting(method))
        lines.append(UInt8(ascii: " "))
        lines.appendBytes(of: source.extracting(path))
        lines.append(literal: " HTTP/1.1\r\n")
        if let authority = pseudo.authority ?? host {
            lines.append(literal: "host: ")
            lines.appendBytes(of: source.extracting(authority))
            lines.append(literal: "\r\n")
        }
        for index in ordinary {
            let name = source.extracting(block.nameRange(at: index))
            let value = source.extracting(block.valueRange(at: index))
            lines.append(addingCapacity: name.count + value.count + 4) { output in
                output.append(copying: name)
                output.append(literal: ": ")
                output.append(copying: value)
                output.append(literal: "\r\n")
            }
        }
        if !cookies.isEmpty { Self.append(cookies, source, to: &lines) }
        lines.append(literal: "\r\n")

        var parser = RequestParser(limits: limits)
        guard let head = try parser.parse(whole: lines) else { throw .truncated }
        guard hasBody, head.framing == .none else { return head }
        // Its length is not known: the stream's end ends it.
        if head.headers.contains(.contentLength) { return head }
        return RequestHead(
            method: head.method, isVersion10: false, targetRange: head.targetRange, headers: head.headers, framing: .chunked, keepsAlive: true,
            expectsContinue: head.expectsContinue)
    }

    /// The fields behind a body. None of them may frame or route (RFC 9110 §6.5.1).
    func trailers() throws(ParseError) -> Headers {
        if block.isCut { throw .tooLarge }
        let source = block.bytes.span
        var headers = Headers()
        var facts = FramingFacts()
        for index in 0..<block.count {
            let name = source.extracting(block.nameRange(at: index))
            let value = source.extracting(block.valueRange(at: index))
            _ = try Self.check(name, value)
            try facts.note(name: name, value: value, isPadded: false)
            if facts.hasFramingField { throw .trailer }
            headers.add(name, value)
        }
        return headers
    }

    /// - Returns: false at the first field that is an ordinary one.
    private func note(_ source: Span<UInt8>, _ index: Int, _ pseudo: inout Pseudo) throws(ParseError) -> Bool {
        let name = source.extracting(block.nameRange(at: index))
        guard name.count > 0, name[0] == UInt8(ascii: ":") else { return false }
        let value = block.valueRange(at: index)
        if Grammar.equals(name, ":method") {
            guard pseudo.method == nil else { throw .requestLine }
            pseudo.method = value
        } else if Grammar.equals(name, ":path") {
            guard pseudo.path == nil else { throw .requestLine }
            pseudo.path = value
        } else if Grammar.equals(name, ":scheme") {
            guard pseudo.scheme == nil else { throw .requestLine }
            pseudo.scheme = value
        } else if Grammar.equals(name, ":authority") {
            guard pseudo.authority == nil else { throw .host }
            pseudo.authority = value
        } else {
            throw .fieldName
        }
        return true
    }

    /// RFC 9113 §8.2.1, §8.2.2: a lower-case token, a value without controls and without white space at its ends, and nothing that manages a connection.
    private static func check(_ name: Span<UInt8>, _ value: Span<UInt8>) throws(ParseError) -> Kind {
        guard name.count > 0 else { throw .fieldName }
        for index in name.indices {
            guard Grammar.isTokenByte(name[index]), name[index].lowercased == name[index] else { throw .fieldName }
        }
        guard value.firstControl(from: 0) == value.count else { throw .fieldValue }
        if value.count > 0, Grammar.isWhitespace(value[0]) || Grammar.isWhitespace(value[value.count - 1]) { throw .fieldValue }
        // Most fields are none of these, and most of those show it in their first letter.
        switch (name.count, name[0]) {
        case (4, UInt8(ascii: "h")) where Grammar.equals(name, "host"): return .host
        case (6, UInt8(ascii: "c")) where Grammar.equals(name, "cookie"): return .cookie
        case (10, UInt8(ascii: "c")) where Grammar.equals(name, "connection"), (10, UInt8(ascii: "k")) where Grammar.equals(name, "keep-alive"),
            (16, UInt8(ascii: "p")) where Grammar.equals(name, "proxy-connection"), (7, UInt8(ascii: "u")) where Grammar.equals(name, "upgrade"):
            throw .fieldName
        case (17, UInt8(ascii: "t")) where Grammar.equals(name, "transfer-encoding"): throw .transferEncoding
        case (2, UInt8(ascii: "t")) where Grammar.equals(name, "te"):
            guard Grammar.equals(value, "trailers") else { throw .fieldValue }
        default: break
        }
        return .ordinary
    }

    private static func all(_ source: Span<UInt8>, _ range: Range<Int>, _ isGood: (UInt8) -> Bool) -> Bool {
        for index in range where !isGood(source[index]) { return false }
        return true
    }

    private static func equal(_ source: Span<UInt8>, _ one: Range<Int>, _ other: Range<Int>) -> Bool {
        guard one.count == other.count else { return false }
        for index in 0..<one.count
        where source[one.lowerBound + index].lowercased != source[other.lowerBound + index].lowercased { return false }
        return true
    }

    /// Crumbs become one field again (RFC 9113 §8.2.3).
    private static func append(_ cookies: [Range<Int>], _ source: Span<UInt8>, to lines: inout [UInt8]) {
        lines.append(literal: "cookie: ")
        for (index, cookie) in cookies.enumerated() {
            if index > 0 { lines.append(literal: "; ") }
            lines.appendBytes(of: source.extracting(cookie))
        }
        lines.append(literal: "\r\n")
    }
}
