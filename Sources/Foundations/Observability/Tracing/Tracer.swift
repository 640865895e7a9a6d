public import Encodings
internal import Synchronization

/// Gathers the spans of one service until somebody fetches them. Nothing waits for that: what finds the queue full is counted and dropped.
///
/// Who traces holds an optional one, and pays a comparison where there is none.
public final class Tracer: Sendable {
    /// Spans that wait at most; each takes half a kilobyte or so.
    public static let capacity = 8_192

    private let oneIn: UInt64
    private let now: @Sendable () -> Timestamp
    private let random: @Sendable () -> UInt64
    private let waiting = Mutex<[TraceSpan]>([])
    private let dropped: Counter

    /// - Parameters:
    ///   - oneIn: of so many traces that begin here, one is recorded. Those that come from elsewhere say for themselves whether they are.
    ///   - dropped: counts spans for which there was no room.
    public init(oneIn: Int, dropped: Counter, now: @escaping @Sendable () -> Timestamp, random: @escaping @Sendable () -> UInt64) {
        self.oneIn = UInt64(max(1, oneIn))
        self.dropped = dropped
        self.now = now
        self.random = random
    }

    /// Whether a trace that begins here is to be recorded. Decided by its identifier, which is random.
    public func isSampled(traceLow: UInt64) -> Bool { traceLow % oneIn == 0 }

    /// The context of a span below `parent`; nil where the trace isn't recorded (the `sampled` flag), and then nothing need be done.
    public func child(of parent: TraceContext?) -> TraceContext? {
        guard let parent, parent.isSampled else { return nil }
        return parent.child(random: random())
    }

    /// Takes a span that ends now.
    ///
    /// - Parameter microseconds: how long it took.
    public func record(
        _ context: TraceContext, parent: UInt64?, kind: TraceSpan.Kind, name: String, microseconds: UInt64, attributes: [SpanAttribute],
        isFailure: Bool = false
    ) {
        let end = now()
        let span = TraceSpan(
            context, parent: parent, kind: kind, name: name, start: end.adding(microseconds: -Int64(clamping: microseconds)), end: end,
            attributes: attributes, isFailure: isFailure)
        let isTaken = waiting.withLock { waiting in
            guard waiting.count < Self.capacity else { return false }
            waiting.append(span)
            return true
        }
        if !isTaken { dropped.increment() }
    }

    /// The oldest spans that wait, at most so many.
    public func take(atMost limit: Int) -> [TraceSpan] {
        waiting.withLock { waiting in
            guard waiting.count > limit else {
                defer { waiting = [] }
                return waiting
            }
            let taken = Array(waiting[..<limit])
            waiting.removeFirst(limit)
            return taken
        }
    }
}
