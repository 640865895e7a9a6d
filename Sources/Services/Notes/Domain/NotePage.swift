internal import Encodings

/// A part of a user's notes, oldest first.
struct NotePage: Sendable {
    static let maximumCount = 1000
    /// Bytes of titles and contents in one page, as JSON has them, but for its first note, which is always whole.
    static let maximumBytes = 4 << 20

    var notes: [Note]
    /// Where the next page begins: after this note. Nil on the last page.
    var next: UUID?
}
