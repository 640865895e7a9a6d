/// The body of a message that we send.
public enum Body: Sendable {
    case empty
    case bytes([UInt8])
    /// Written piece by piece while it is sent, at the pace of the reader. With a length, exactly so many bytes must be
    /// written; without, it goes out chunked, and may end with trailers.
    case stream(length: Int?, @Sendable (BodyWriter) async throws -> Void)

    /// The length of what is at hand.
    var count: Int { if case .bytes(let bytes) = self { bytes.count } else { 0 } }

    var isStream: Bool { if case .stream = self { true } else { false } }
}
