import Bootstrap
import Encodings
import Files
import Observability
import Processes
import SQLite
import Shards

/// A store of words, with the marks it is told of, for the tests of what every store gets.
struct WordStore: ShardStore {
    var schema = Schema("CREATE TABLE word(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE, bulk BLOB) STRICT")

    func makeReader(_ connection: Connection, of shard: ShardID, manifest: TenantManifest) -> Reader { Reader(connection: connection) }
    func makeWriter(_ connection: Connection, of shard: ShardID, manifest: TenantManifest) -> Writer { Writer(connection: connection) }
    func stamp(backup: Connection) throws { try backup.run("INSERT INTO word(text) VALUES('stamp')") }

    struct Reader {
        let connection: Connection

        func words() throws -> [String] { try connection.rows("SELECT text FROM word ORDER BY id") { $0.text(0) } }
    }

    final class Writer: ShardWriter {
        let connection: Connection
        /// What is in memory beside the file: it must follow every rollback.
        private(set) var added: [String] = []
        private(set) var commits = 0
        var isDelivered = false

        init(connection: Connection) { self.connection = connection }

        func add(_ word: String, bulk: Int = 0) throws {
            added.append(word)
            try connection.run("INSERT INTO word(text, bulk) VALUES(?, ?)", .text(word), .blob([UInt8](repeating: 1, count: bulk)))
        }

        func savepoint() -> Int { added.count }
        func rollBack(to savepoint: Int) { added.removeSubrange(savepoint...) }
        func willCommit() throws {}
        func didCommit() { commits += 1 }
        func didRollBack() { added = [] }
    }
}

/// Runs `body` over shards in a folder of their own.
func withShards(
    _ store: WordStore = WordStore(), settings: ShardSettings = ShardSettings(name: "test"),
    _ body: (ShardSet<WordStore>, _ root: String) async throws -> Void
) async throws {
    let root = try Directory.temporary(prefix: "shards-")
    do {
        let shards = try openShards(root, store, settings: settings)
        do { try await body(shards, root) } catch {
            await shards.close()
            throw error
        }
        await shards.close()
    } catch {
        try Directory.removeTree(root)
        throw error
    }
    try Directory.removeTree(root)
}

func openShards(
    _ root: String, _ store: WordStore = WordStore(), settings: ShardSettings = ShardSettings(name: "test")
) throws -> ShardSet<WordStore> {
    let master = MasterKey([UInt8](repeating: 7, count: 32))!
    return try ShardSet(folder: try DataFolder(root), store: store, master: master, settings: settings, metrics: ShardMetrics(MetricsRegistry())) {
        UUID.v7(at: Timestamp(microseconds: SystemClock.wallMicroseconds()), random: (UInt64.random(in: 0...UInt64.max), 1))
    }
}

let alpha = TenantName("us-east-1_Alpha")!
