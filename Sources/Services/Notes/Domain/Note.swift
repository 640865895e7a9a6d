internal import Encodings

/// A note as its owner sees it. Texts are UTF-8.
struct Note: Equatable, Sendable {
    let id: UUID
    /// 1 when created, more with each change, by one unless the shard was restored since: the entity tag.
    let version: UInt64
    let createdAt: Timestamp
    let title: [UInt8]
    let content: [UInt8]
}
