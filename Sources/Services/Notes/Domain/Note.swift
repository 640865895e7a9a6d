internal import Encodings

/// A note as its owner sees it. Texts are UTF-8.
struct Note: Equatable, Sendable {
    let id: UUID
    /// 1 when created, one more with each change: the entity tag.
    let version: UInt64
    let createdAt: Timestamp
    let title: [UInt8]
    let content: [UInt8]

    var draft: NoteDraft { NoteDraft(title: title, content: content) }
}
