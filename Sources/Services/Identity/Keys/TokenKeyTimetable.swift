import Encodings

/// When a pool's token keys move on. Pure: keys as they are stored and the time in, steps out.
///
/// A new key is in the key set for `lead` seconds before it signs, so that every cache of key sets has it by then; the one it follows stays in the key
/// set until the longest-lived token that it has signed is over.
struct TokenKeyTimetable: Sendable {
    /// Seconds between a key's publication and its first signature.
    let lead: Int64
    /// Since when this process shows key sets: while it was away nobody could see a new key.
    let servingSince: Timestamp

    /// Seconds a former key stays longer than its tokens, for verifiers whose clocks are behind.
    static let margin: Int64 = 60
    /// Former keys a pool may have for each use. A key set is read whole by everybody who verifies.
    static let maximumFormer = 16

    enum Step: Equatable, Sendable {
        /// The next key signs from now on, and the one that did no more.
        case succeed(PoolKeys.Use)
        /// A former key leaves the key set.
        case drop(keyID: String)
    }

    /// What is due, in any order.
    func steps(_ keys: [TokenKeyState], at now: Timestamp) -> [Step] {
        keys.compactMap { key in
            guard let time = due(key), time <= now else { return nil }
            return key.stage == .next ? .succeed(key.use) : .drop(keyID: key.keyID)
        }
    }

    /// When there is something to do next; nil where nothing is under way.
    func nextStep(_ keys: [TokenKeyState]) -> Timestamp? { keys.compactMap { due($0) }.min() }

    /// When a key published at `time` signs.
    func signing(publishedAt time: Timestamp) -> Timestamp { max(time, servingSince).adding(seconds: lead) }

    private func due(_ key: TokenKeyState) -> Timestamp? {
        switch key.stage {
        case .next: signing(publishedAt: key.since)
        case .current: nil
        case .former: key.since.adding(seconds: key.longest + Self.margin)
        }
    }
}
