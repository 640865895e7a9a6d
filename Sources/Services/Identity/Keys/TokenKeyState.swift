import Encodings

/// Where a pool's key stands, without the key itself.
struct TokenKeyState: Equatable, Sendable {
    /// A token key is published, then signs, then stays for what it has signed.
    enum Stage: String, CaseIterable, Sendable { case next, current, former }

    let use: PoolKeys.Use
    let keyID: String
    let stage: Stage
    /// Since when it is at this stage.
    let since: Timestamp
    /// How long the longest-lived token lives that it may have signed, in seconds.
    let longest: Int64
}
