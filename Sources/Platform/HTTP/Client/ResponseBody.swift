/// The body of a response: pulled by the caller, at its own pace. Dropping it unread closes the connection.
public struct ResponseBody: Sendable {
    enum Source: Sendable {
        case empty
        /// A response to HEAD, which says how long the body would be.
        case absent(length: Int)
        case bytes([UInt8])
        case connection(BodyLease, length: Int?)
    }

    var source: Source

    init(_ source: Source) { self.source = source }

    /// The whole body, where it has arrived already (short bodies have).
    public var arrived: [UInt8]? {
        switch source {
        case .empty, .absent: []
        case .bytes(let bytes): bytes
        case .connection: nil
        }
    }

    /// All of it.
    /// - Throws: ``ClientError/bodyTooLarge`` beyond `limit` bytes; ``ClientError/closed``, ``ClientError/timeout``, ``ClientError/malformed(_:)``.
    public func collect(upTo limit: Int) async throws(ClientError) -> [UInt8] {
        if let arrived {
            guard arrived.count <= limit else { throw .bodyTooLarge }
            return arrived
        }
        var copy = self
        var all: [UInt8] = []
        while let piece = try await copy.next() {
            guard all.count + piece.count <= limit else { throw .bodyTooLarge }
            all.append(contentsOf: piece)
        }
        return all
    }

    /// The next piece (at most 32 KiB), or nil at the end. Nothing more than a buffer's worth is read before it is called again.
    public mutating func next() async throws(ClientError) -> [UInt8]? {
        switch source {
        case .empty, .absent: return nil
        case .bytes(let bytes):
            source = .empty
            return bytes
        case .connection(let lease, _): return try await lease.next()
        }
    }

    /// The trailer fields, once the body has been read; nil where there were none.
    public func trailers() async -> Headers? {
        guard case .connection(let lease, _) = source else { return nil }
        return await lease.trailers()
    }

    /// The body as one to send on: streamed, with its length or its trailers, at the pace of the reader.
    public var forwarded: Body {
        switch source {
        case .empty: return .empty
        case .absent(let length): return .stream(length: length) { _ in }
        case .bytes(let bytes): return .bytes(bytes)
        case .connection(let lease, let length):
            return .stream(length: length) { writer in
                while let piece = try await lease.next() { try await writer.write(piece) }
                if let trailers = await lease.trailers() { try await writer.finish(trailers: trailers) }
            }
        }
    }
}
