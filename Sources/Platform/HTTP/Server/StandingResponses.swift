internal import Synchronization

/// The bodies that wait for their clients to take them, on one loop; how much they are counts for all loops together.
///
/// A connection of HTTP/1.1 has one body at a time, and counts it where it is whole; those of all streams of a connection of HTTP/2 count together, as that
/// connection's own. A client may ask for much and then take nothing. While all that stands is little, that costs nobody anything; beyond a limit, who has most of it
/// loses what has stood longest, with its connection.
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
        private let allBytes = Atomic(0)
        private let connections = Atomic(0)

        init(limit: Int) {
            self.limit = limit
        }

        var bytes: Int { allBytes.load(ordering: .relaxed) }

        /// What one of all the connections has on average.
        var average: Int { bytes / max(connections.load(ordering: .relaxed), 1) }

        func add(_ count: Int, connections more: Int) {
            allBytes.add(count, ordering: .relaxed)
            connections.add(more, ordering: .relaxed)
        }
    }

    /// What has only just begun may make the limit twice as much: it isn't told yet who is slow.
    static let graceMilliseconds: UInt64 = 1_000

    private let total: Total
    private var standing: [ObjectIdentifier: Standing] = [:]

    init(_ total: Total) {
        self.total = total
    }

    var isEmpty: Bool { standing.isEmpty }

    /// Notes what a connection has to send now, and has connections closed where that makes it twice as much as may stand.
    /// - Parameter owner: 0 for the connection's own.
    mutating func set(_ count: Int, of owner: Int, for connection: any ServedConnection, at now: UInt64) {
        let key = ObjectIdentifier(connection)
        let before = standing[key]
        standing[key] = Standing(
            bytes: count, owner: owner == 0 ? key.hashValue : owner, since: before?.since ?? now, connection: connection)
        total.add(count - (before?.bytes ?? 0), connections: before == nil ? 1 : 0)
        shed(downTo: 2 * total.limit, standingSince: now)
    }

    mutating func remove(_ connection: ObjectIdentifier) {
        guard let one = standing.removeValue(forKey: connection) else { return }
        total.add(-one.bytes, connections: -1)
    }

    /// Has connections closed that have stood for a while where more stands than may.
    mutating func shed(at now: UInt64) { shed(downTo: total.limit, standingSince: now - min(now, Self.graceMilliseconds)) }

    private mutating func shed(downTo most: Int, standingSince latest: UInt64) {
        guard total.bytes > most else { return }
        var held: [Int: Int] = [:]
        for one in standing.values { held[one.owner, default: 0] += one.bytes }
        // What an owner has when it is a connection's turn: without those of its own that have stood longer.
        let order = standing.filter { $0.value.since <= latest }.sorted { $0.value.since < $1.value.since }.map { key, one in
            let all = held[one.owner, default: 0]
            held[one.owner] = all - one.bytes
            return (key: key, all: all, connection: one.connection)
        }.sorted { $0.all > $1.all }
        for one in order where total.bytes > most {
            // Somebody on another loop has more, as who has less than the average shows: it is for that loop to act, which it does within a second.
            guard one.all >= total.average else { return }
            remove(one.key)
            one.connection.abort()
        }
    }
}
