/// Where a streamed body is written to.
public struct BodyWriter: Sendable {
    private let sink: any BodySink
    private let message: UInt64

    init(_ sink: any BodySink, message: UInt64) {
        self.sink = sink
        self.message = message
    }

    /// Sends a piece; suspends while the reader is slower than we are.
    /// - Throws: ``HTTPError/disconnected``, ``HTTPError/lengthMismatch`` beyond the announced length.
    public func write(_ bytes: [UInt8]) async throws(HTTPError) { try await sink.writePiece(bytes, of: message) }

    /// Ends a chunked body with these fields. Where the body has a length, or the reader speaks HTTP/1.0, they are dropped.
    public func finish(trailers: Headers) async throws(HTTPError) { try await sink.finish(trailers, of: message) }
}

/// A connection that a body is being written on: a server's or a client's.
protocol BodySink: Actor {
    func writePiece(_ bytes: [UInt8], of message: UInt64) async throws(HTTPError)
    func finish(_ trailers: Headers, of message: UInt64) async throws(HTTPError)
}
