import Synchronization
public import Tokens

/// Headers of tokens that have been verified, by their text: all tokens that one key signs begin with the same hundred bytes, which say the same each
/// time.
public final class HeaderCache: Sendable {
    private let headers: Mutex<BoundedMap<String, JOSEHeader>>

    /// - Parameter capacity: two for each pool in use (id and access tokens have keys of their own).
    public init(capacity: Int) {
        headers = Mutex(BoundedMap(capacity: capacity))
    }

    public func header(_ text: Span<UInt8>) -> JOSEHeader? {
        // Base64url is ASCII, and what isn't was never put in.
        guard let bytes = try? UTF8Span(validating: text) else { return nil }
        let key = String(copying: bytes)
        return headers.withLock { $0.value(for: key) }
    }

    /// To be told of tokens that were verified only, so that nobody else fills it.
    public func insert(_ header: JOSEHeader, for text: Span<UInt8>) {
        guard let bytes = try? UTF8Span(validating: text) else { return }
        let key = String(copying: bytes)
        headers.withLock { $0.insert(header, for: key) }
    }
}
