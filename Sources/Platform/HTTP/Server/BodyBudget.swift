internal import Synchronization

/// How many bytes of request bodies a process holds at once, over all connections.
public final class BodyBudget: Sendable {
    public let limit: Int
    private let used = Atomic(0)

    public init(limit: Int) { self.limit = limit }

    public var inUse: Int { used.load(ordering: .relaxed) }

    /// - Returns: false, taking nothing, if the limit would be passed.
    public func take(_ count: Int) -> Bool {
        if used.add(count, ordering: .relaxed).newValue <= limit { return true }
        used.subtract(count, ordering: .relaxed)
        return false
    }

    public func giveBack(_ count: Int) { used.subtract(count, ordering: .relaxed) }
}
