internal import Bytes

/// Follows a message's framing through its body. Sans-I/O: it says what the next unread bytes are.
public struct BodyDecoder: Sendable {
    public enum Step: Sendable {
        /// Wait for more bytes.
        case needMore
        /// The first so many unread bytes are framing: drop them and ask again.
        case skip(Int)
        /// The first so many unread bytes are body: take them and ask again.
        case data(Int)
        /// The body is complete. With trailer fields, where chunked framing brought some.
        case end(Headers?)
    }

    private enum State: Sendable {
        case length(Int)
        case untilClose
        case chunkLine
        case chunkData(Int)
        case chunkEnd
        case trailers(FieldScanner)
        case trailersRead(Headers)
        case done
    }

    private var state: State
    private var extensionBytes = 0
    private let limits: HeadLimits
    /// `chunk-size` with its extension, in bytes; RFC 9112 §7.1.1 asks for a limit.
    private static let longestChunkLine = 256
    private static let mostExtensionBytes = 4096

    public init(_ framing: Framing, limits: HeadLimits) {
        self.limits = limits
        state =
            switch framing {
            case .none: .done
            case .length(let count): .length(count)
            case .chunked: .chunkLine
            case .untilClose: .untilClose
            }
    }

    /// Whether the body ends with the connection.
    public var endsWithConnection: Bool { if case .untilClose = state { true } else { false } }

    /// Whether all of the body has been read.
    public var isDone: Bool { if case .done = state { true } else { false } }

    /// What is left of a body of known length.
    public var remaining: Int? { if case .length(let count) = state { count } else { nil } }

    /// - Parameter input: the unread bytes.
    public mutating func next(_ input: Span<UInt8>) throws(ParseError) -> Step {
        switch state {
        case .done: return .end(nil)
        case .untilClose: return input.isEmpty ? .needMore : .data(input.count)
        case .length(let left):
            guard !input.isEmpty else { return .needMore }
            let count = min(left, input.count)
            state = count == left ? .done : .length(left - count)
            return .data(count)
        case .chunkLine: return try chunkLine(input)
        case .chunkData(let left):
            guard !input.isEmpty else { return .needMore }
            let count = min(left, input.count)
            state = count == left ? .chunkEnd : .chunkData(left - count)
            return .data(count)
        case .chunkEnd:
            guard input.count >= 2 else { return try Self.startsLineEnd(input) }
            guard input[0] == UInt8(ascii: "\r"), input[1] == UInt8(ascii: "\n") else { throw .chunk }
            state = .chunkLine
            return .skip(2)
        case .trailers(var scanner):
            let complete = try scanner.scan(input)
            state = .trailers(scanner)
            return try trailers(scanner, complete: complete, input)
        case .trailersRead(let trailers):
            state = .done
            return .end(trailers.isEmpty ? nil : trailers)
        }
    }

    private static func startsLineEnd(_ input: Span<UInt8>) throws(ParseError) -> Step {
        if input.count == 1, input[0] != UInt8(ascii: "\r") { throw .chunk }
        return .needMore
    }

    /// `chunk-size [ chunk-ext ] CRLF` (RFC 9112 §7.1).
    private mutating func chunkLine(_ input: Span<UInt8>) throws(ParseError) -> Step {
        guard let line = try ChunkLine.scan(input) else {
            if input.count >= Self.longestChunkLine { throw .chunk }
            return .needMore
        }
        extensionBytes += line.extensionBytes
        guard line.end <= Self.longestChunkLine, extensionBytes <= Self.mostExtensionBytes else { throw .chunk }
        state = line.size > 0 ? .chunkData(line.size) : .trailers(FieldScanner(position: 0, maximumFields: limits.maximumFields))
        return .skip(line.end)
    }

    private mutating func trailers(_ scanner: FieldScanner, complete: Bool, _ input: Span<UInt8>) throws(ParseError) -> Step {
        guard complete else {
            if input.count >= limits.maximumBytes { throw .tooLarge }
            return .needMore
        }
        guard scanner.position <= limits.maximumBytes else { throw .tooLarge }
        guard !scanner.facts.hasFramingField else { throw .trailer }
        let bytes = scanner.fields.isEmpty ? [] : [UInt8](copying: input.extracting(0..<scanner.position))
        state = .trailersRead(Headers(bytes: bytes, fields: scanner.fields))
        return .skip(scanner.position)
    }
}
