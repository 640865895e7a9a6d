internal import Bytes

/// The name of a tenant (its user pool's id) that is safe to become a folder's name: 1 to 64 of `A-Z a-z 0-9 _ -`, and neither
/// the first nor the last is `-`. Nothing else ever becomes a path.
public struct TenantName: Hashable, Sendable, CustomStringConvertible {
    public let text: String

    /// Nil when the text is not such a name.
    public init?(_ text: String) {
        let bytes = text.utf8
        guard (1...64).contains(bytes.count), bytes.first != UInt8(ascii: "-"), bytes.last != UInt8(ascii: "-") else { return nil }
        guard bytes.allSatisfy(Self.isAllowed) else { return nil }
        self.text = text
    }

    public var description: String { text }

    private static func isAllowed(_ byte: UInt8) -> Bool { byte.isAlphanumeric || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") }
}
