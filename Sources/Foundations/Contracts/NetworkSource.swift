/// What counts as one source: an IPv4 address, or the /64 of an IPv6 address, since one customer has at least that many.
public struct NetworkSource: Sendable {
    public let key: String

    /// - Parameter address: as text; what is no address is a source of its own.
    public init(_ address: String) {
        let text = address.split(separator: "%").first.map { $0.lowercased() } ?? address
        guard text.contains(":") else {
            key = text
            return
        }
        if text.hasPrefix("::ffff:"), text.contains(".") {
            // An IPv4 address in IPv6's clothes.
            key = String(text.dropFirst(7))
            return
        }
        let halves = text.split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false).map(Self.words)
        let front = halves[0]
        let back = halves.count > 1 ? halves[1] : []
        let gap = Array(repeating: UInt16(0), count: max(0, 8 - front.count - back.count))
        key = (front + gap + back).prefix(4).map { String($0, radix: 16) }.joined(separator: ":") + "::/64"
    }

    private static func words(_ text: Substring) -> [UInt16] {
        text.split(separator: ":").prefix(8).map { UInt16($0, radix: 16) ?? 0 }
    }
}
