internal import Processes
internal import Synchronization

/// The body of a request: pulled by the handler, at its own pace. It can be read once, while the request is being handled.
///
/// What a handler leaves unread is dropped, or the connection is closed if that is much.
public struct RequestBody: Sendable {
    private enum Source: Sendable {
        case empty
        case bytes(Once)
        case connection(ServerConnection, request: UInt64)
        case stream(HTTP2Connection, Int32)
    }

    private final class Once: Sendable {
        private let bytes: Mutex<[UInt8]?>
        init(_ bytes: [UInt8]) { self.bytes = Mutex(bytes) }
        func take() -> [UInt8]? {
            bytes.withLock { bytes in
                defer { bytes = nil }
                return bytes
            }
        }
    }

    private final class Arrival: Sendable {
        let nanoseconds = Atomic<UInt64>(0)
        let isBrokenOff = Atomic(false)
    }

    /// In nanoseconds.
    private static let shortWait: UInt64 = 100_000_000

    private let source: Source
    /// Of one that has to be waited for.
    private let arrival: Arrival?

    /// An empty one.
    public init() { (source, arrival) = (.empty, nil) }

    /// One that is at hand.
    public init(_ bytes: [UInt8]) { (source, arrival) = (bytes.isEmpty ? .empty : .bytes(Once(bytes)), nil) }

    init(_ connection: ServerConnection, request: UInt64) { (source, arrival) = (.connection(connection, request: request), Arrival()) }

    init(_ connection: HTTP2Connection, stream: Int32) { (source, arrival) = (.stream(connection, stream), Arrival()) }

    /// Whether the request has no body at all.
    public var isEmpty: Bool { if case .empty = source { true } else { false } }

    /// When the handler last had what it waited for, on the monotonic clock in nanoseconds: its time begins then. 0 where it has not waited for long.
    public var arrivedAt: UInt64 { arrival?.nanoseconds.load(ordering: .relaxed) ?? 0 }

    /// Whether its client went away before it was whole: then nobody waits for an answer.
    public var isBrokenOff: Bool { arrival?.isBrokenOff.load(ordering: .relaxed) ?? false }

    /// What a connection brings, with what became of the wait for it.
    private func noting<Bytes>(_ arrive: () async throws(HTTPError) -> Bytes) async throws(HTTPError) -> Bytes {
        let began = SystemClock.monotonicNanoseconds()
        defer {
            let now = SystemClock.monotonicNanoseconds()
            if now - began > Self.shortWait { arrival?.nanoseconds.store(now, ordering: .relaxed) }
        }
        do throws(HTTPError) { return try await arrive() } catch {
            // Whoever is cancelled hears the same.
            if error == .disconnected, !Task.isCancelled { arrival?.isBrokenOff.store(true, ordering: .relaxed) }
            throw error
        }
    }

    /// All of it.
    /// - Parameters:
    ///   - limit: in bytes.
    ///   - budget: what it counts in until the request is answered; nil doesn't count it. Nor does a body count whose head says that it has up to 4 KiB.
    /// - Throws: ``HTTPError/bodyTooLarge`` beyond the limit or the server's own, ``HTTPError/overloaded`` and ``HTTPError/tooMuchAtOnce`` beyond the
    ///   budget, ``HTTPError/requestTimeout``, ``HTTPError/malformed(_:)``, ``HTTPError/disconnected``.
    public func collect(upTo limit: Int, within budget: BodyBudget? = nil) async throws(HTTPError) -> [UInt8] {
        switch source {
        case .empty: return []
        case .bytes(let once):
            guard let bytes = once.take() else { throw .bodyUnavailable }
            guard bytes.count <= limit else { throw .bodyTooLarge }
            return bytes
        case .connection(let connection, let request):
            return try await noting { () async throws(HTTPError) in try await connection.collectBody(of: request, upTo: limit, within: budget) }
        case .stream(let connection, let stream):
            return try await noting { () async throws(HTTPError) in try await connection.collectBody(on: stream, upTo: limit, within: budget) }
        }
    }

    /// The next piece (at most 32 KiB), or nil at the end. Until it is called again, no more than a buffer's worth is read.
    public func next() async throws(HTTPError) -> [UInt8]? {
        switch source {
        case .empty: nil
        case .bytes(let once): once.take()
        case .connection(let connection, let request):
            try await noting { () async throws(HTTPError) in try await connection.nextPiece(of: request) }
        case .stream(let connection, let stream):
            try await noting { () async throws(HTTPError) in try await connection.nextPiece(on: stream) }
        }
    }

    /// The trailer fields, once the body has been read; nil where there were none.
    public func trailers() async -> Headers? {
        switch source {
        case .empty, .bytes: nil
        case .connection(let connection, let request): await connection.trailers(of: request)
        case .stream(let connection, let stream): await connection.trailers(on: stream)
        }
    }
}
