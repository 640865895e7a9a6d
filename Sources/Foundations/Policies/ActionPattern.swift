internal import Bytes

/// `service:Operation` with wildcards, or `*`. Case doesn't matter.
public struct ActionPattern: Sendable, Hashable {
    public let text: String
    private let wildcard: Wildcard

    public init(_ text: String) throws(PolicyError) {
        guard text == "*" || ActionPattern.isWellFormed(text) else { throw .invalidAction(text) }
        self.text = text
        wildcard = Wildcard(text.utf8.map(\.lowercased))
    }

    /// `vendor:action`: the vendor has no wildcard, the action may be one.
    private static func isWellFormed(_ text: String) -> Bool {
        guard text.utf8.count <= 128, let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return false }
        let vendor = text.utf8[..<colon]
        let action = text.utf8[colon...].dropFirst()
        return !vendor.isEmpty && !action.isEmpty && vendor.allSatisfy { $0.isAlphanumeric || $0 == UInt8(ascii: "-") }
            && action.allSatisfy { $0.isAlphanumeric || $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") }
    }

    func matches(lowercased action: Span<UInt8>, _ index: inout TextIndex) -> Bool { wildcard.matches(action, action.indices, &index) }
}
