/// The bodies that wait, whole, for their clients to take them, on one loop.
///
/// A client may ask for much and then take nothing. While all that stands is little, that costs nobody anything; beyond a limit, what has stood longest goes, with
/// its connection.
struct StandingResponses {
    private struct Standing {
        let bytes: Int
        let since: UInt64
        let connection: any ServedConnection
    }

    /// In bytes. What has only just begun may make it twice as much: it isn't told yet who is slow.
    private let limit: Int
    private static let graceMilliseconds: UInt64 = 100
    private var standing: [ObjectIdentifier: Standing] = [:]
    private(set) var bytes = 0

    init(limit: Int) {
        self.limit = limit
    }

    /// Notes a body that is about to be sent, and has the connections closed that it is too much with.
    mutating func add(_ count: Int, for connection: any ServedConnection, at now: UInt64) {
        let added = ObjectIdentifier(connection)
        remove(added)
        standing[added] = Standing(bytes: count, since: now, connection: connection)
        bytes += count
        while bytes > limit {
            guard let (key, longest) = standing.filter({ $0.key != added }).min(by: { $0.value.since < $1.value.since }),
                bytes > 2 * limit || now - longest.since >= Self.graceMilliseconds
            else { return }
            remove(key)
            longest.connection.abort()
        }
    }

    mutating func remove(_ connection: ObjectIdentifier) {
        if let sent = standing.removeValue(forKey: connection) { bytes -= sent.bytes }
    }
}
