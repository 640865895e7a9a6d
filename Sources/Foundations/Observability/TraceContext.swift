internal import Bytes
internal import Encodings

/// The position of one piece of work in a distributed trace, as W3C Trace Context level 1 carries it in `traceparent`.
///
/// Parsing refuses what the specification calls invalid, and the caller then starts a trace of its own (§4.3).
public struct TraceContext: Hashable, Sendable {
    public let traceHigh: UInt64
    public let traceLow: UInt64
    /// The span of whoever wrote the header; for work of our own, the span of that work.
    public let span: UInt64
    public let flags: UInt8

    /// The length of a version 00 header: `00-` 32 digits `-` 16 digits `-` 2 digits.
    public static let length = 55

    public init?(traceHigh: UInt64, traceLow: UInt64, span: UInt64, flags: UInt8) {
        // §3.2.2.3, §3.2.2.4: an identifier of zeros is invalid.
        guard traceHigh | traceLow != 0, span != 0 else { return nil }
        self.traceHigh = traceHigh
        self.traceLow = traceLow
        self.span = span
        // §3.2.2.5: only the sampled flag is defined in version 00, the rest is not passed on.
        self.flags = flags & 1
    }

    /// A new trace. The random words are handed in; a zero is replaced, since zero identifies nothing.
    public init(random: (UInt64, UInt64, UInt64), isSampled: Bool = true) {
        traceHigh = random.0
        traceLow = random.1 == 0 ? 1 : random.1
        span = random.2 == 0 ? 1 : random.2
        flags = isSampled ? 1 : 0
    }

    /// Whether somebody may have recorded the span that this names, so that it is worth recording what follows (§3.2.2.5).
    public var isSampled: Bool { flags & 1 == 1 }

    /// The bytes of one `traceparent` header, or nil if they are not a valid one.
    public init?(parsing header: Span<UInt8>) {
        guard header.count >= Self.length,
            let version = Self.hexadecimal(header, at: 0), version != 0xff,
            // §3.2.4: version 00 has no more fields; a later version may, after a dash.
            header.count == Self.length || (version > 0 && header[Self.length] == UInt8(ascii: "-")),
            header[2] == UInt8(ascii: "-"), header[35] == UInt8(ascii: "-"), header[52] == UInt8(ascii: "-"),
            let high = Self.word(header, at: 3), let low = Self.word(header, at: 19), let span = Self.word(header, at: 36),
            let flags = Self.hexadecimal(header, at: 53)
        else { return nil }
        self.init(traceHigh: high, traceLow: low, span: span, flags: flags)
    }

    /// The same trace with a span of our own.
    public func child(random: UInt64) -> TraceContext {
        TraceContext(unchecked: self, span: random == 0 ? 1 : random)
    }

    private init(unchecked parent: TraceContext, span: UInt64) {
        traceHigh = parent.traceHigh
        traceLow = parent.traceLow
        self.span = span
        flags = parent.flags
    }

    /// Appends the 55 bytes of a `traceparent` header.
    public func append(to bytes: inout [UInt8]) {
        bytes.append(addingCapacity: Self.length) { append(to: &$0) }
    }

    /// Appends the 55 bytes of a `traceparent` header, for which there must be room.
    public func append(to output: inout OutputSpan<UInt8>) {
        output.append(literal: "00-")
        appendTraceID(to: &output)
        output.append(UInt8(ascii: "-"))
        appendSpanID(to: &output)
        output.append(literal: flags == 0 ? "-00" : "-01")
    }

    /// Appends the 32 digits of the trace's identifier, for which there must be room.
    func appendTraceID(to output: inout OutputSpan<UInt8>) {
        output.append(hexadecimal: traceHigh)
        output.append(hexadecimal: traceLow)
    }

    /// Appends the 16 digits of the span's identifier, for which there must be room.
    func appendSpanID(to output: inout OutputSpan<UInt8>) {
        output.append(hexadecimal: span)
    }

    /// The value of a `traceparent` header.
    public var header: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.length)
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    // §3.2.1: lower-case digits only.

    /// Sixteen digits.
    private static func word(_ bytes: Span<UInt8>, at index: Int) -> UInt64? {
        guard let high = bytes.hexadecimal(at: index), let low = bytes.hexadecimal(at: index + 8) else { return nil }
        return UInt64(high) << 32 | UInt64(low)
    }

    /// Two digits.
    private static func hexadecimal(_ bytes: Span<UInt8>, at index: Int) -> UInt8? {
        Hex.decode(bytes.extracting(index..<index + 2))?.first
    }
}
