internal import Synchronization

/// The bodies that wait, whole, for their clients to take them, on one loop; how much they are counts for all loops together.
///
/// A client may ask for much and then take nothing. While all that stands is little, that costs nobody anything; beyond a limit, who has most of it loses what has
/// stood longest, with its connection.
struct StandingResponses {
    private struct Standing {
        let bytes: Int
        let owner: Int
        let since: UInt64
        let connection: any ServedConnection
    }

    /// What stands on all loops of a server.
    final class Total: Sendable {
        /// In bytes.
        let limit: Int
        private let bytes = Atomic(0)

        init(limit: Int) {
            self.limit = limit
        }

        func add(_ count: Int) -> Int { bytes.add(count, ordering: .relaxed).newValue }
        func subtract(_ count: Int) -> Int { bytes.subtract(count, ordering: .relaxed).newValue }
    }

    /// What has only just begun may make the limit twice as much: it isn't told yet who is slow.
    private static let graceMilliseconds: UInt64 = 1_000

    private let total: Total
    private var standing: [ObjectIdentifier: Standing] = [:]

    init(_ total: Total) {
        self.total = total
    }

    /// Notes a body that is about to be sent, and has the connections closed that it is too much with.
    /// - Parameter owner: 0 for nobody's.
    mutating func add(_ count: Int, of owner: Int, for connection: any ServedConnection, at now: UInt64) {
        let key = ObjectIdentifier(connection)
        remove(key)
        standing[key] = Standing(bytes: count, owner: owner == 0 ? key.hashValue : owner, since: now, connection: connection)
        var bytes = total.add(count)
        while bytes > total.limit, let (key, longest) = longestOfGreediest,
            bytes > 2 * total.limit || now - longest.since >= Self.graceMilliseconds
        {
            bytes = remove(key)
            longest.connection.abort()
        }
    }

    /// - Returns: what stands then, on all loops.
    @discardableResult
    mutating func remove(_ connection: ObjectIdentifier) -> Int { total.subtract(standing.removeValue(forKey: connection)?.bytes ?? 0) }

    private var longestOfGreediest: (ObjectIdentifier, Standing)? {
        var held: [Int: Int] = [:]
        for one in standing.values { held[one.owner, default: 0] += one.bytes }
        guard let greediest = held.max(by: { $0.value < $1.value })?.key else { return nil }
        return standing.filter { $0.value.owner == greediest }.min { $0.value.since < $1.value.since }.map { ($0.key, $0.value) }
    }
}
