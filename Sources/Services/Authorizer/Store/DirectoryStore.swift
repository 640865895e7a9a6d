internal import Bootstrap
internal import Crypto
internal import Encodings
internal import Files
internal import SQLite
internal import Shards
internal import Synchronization
internal import Threads

/// Keeps the directory on disk and in memory. Changes go through the one writer thread, one after the other; readers take the snapshot.
actor DirectoryStore: OnThread {
    static let fileName = "authorizer.sqlite"

    nonisolated let thread: WorkerThread
    nonisolated let board: GenerationBoard
    private nonisolated let snapshot: Mutex<AccountDirectory>
    private var rows: DirectoryRows?

    private init(thread: WorkerThread) {
        self.thread = thread
        snapshot = Mutex(AccountDirectory(generation: 0))
        board = GenerationBoard()
    }

    /// Opens the file in `folder`, or makes it with what `seed` gives.
    static func open(
        folder: String, masterKey: [UInt8], at now: Timestamp, seed: @escaping @Sendable () throws -> [DirectoryChange]
    ) async throws -> DirectoryStore {
        let store = DirectoryStore(thread: try WorkerThread(name: "authorizer"))
        try await store.start(folder: folder, masterKey: masterKey, at: now, seed: seed)
        return store
    }

    private func start(folder: String, masterKey: [UInt8], at now: Timestamp, seed: @Sendable () throws -> [DirectoryChange]) throws {
        try Files.Directory.create(folder)
        let connection = try Connection(path: "\(folder)/\(Self.fileName)", role: .writer, pageCache: 512)
        try AuthorizerSchema.schema.apply(to: connection)
        let rows = DirectoryRows(connection: connection, seal: try AES256GCM(key: masterKey))
        // Not when the file is new: the process may have ended between its making and this.
        if try rows.load().generation == 0 {
            try connection.transaction {
                for change in try seed() { try rows.write(change) }
                try rows.setGeneration(1)
            }
        }
        self.rows = rows
        var directory = try rows.load()
        // Others keep what follows from a generation: each opening has one of its own, whatever the file went back to since.
        directory.advance(to: now.microseconds)
        publish(directory)
    }

    /// The directory as of the latest commit.
    nonisolated var current: AccountDirectory { snapshot.withLock { $0 } }

    /// Decides on a change with the latest directory in hand, writes it, and only then shows it: check and act are one step.
    func change<Result: Sendable>(
        _ decide: @Sendable (AccountDirectory) throws(QueryError) -> (changes: [DirectoryChange], result: Result)
    ) throws -> Result {
        guard let rows else { throw AuthorizerError.closed }
        var directory = current
        let (changes, result) = try decide(directory)
        guard !changes.isEmpty else { return result }
        try commit(changes, to: &directory, rows)
        return result
    }

    /// Raises the generation though nothing in the directory has changed: what others keep of the authorizer's answers is of no more use.
    func renew() throws {
        guard let rows else { throw AuthorizerError.closed }
        var directory = current
        try commit([], to: &directory, rows)
    }

    private func commit(_ changes: [DirectoryChange], to directory: inout AccountDirectory, _ rows: DirectoryRows) throws {
        directory.advance()
        try rows.connection.transaction {
            for change in changes { try rows.write(change) }
            try rows.setGeneration(directory.generation)
        }
        for change in changes { directory.apply(change) }
        publish(directory)
    }

    func copy(to path: String) throws {
        guard let rows else { throw AuthorizerError.closed }
        try rows.connection.copy(to: path).checkpoint(.truncate)
    }

    /// Whether the file is still where the next process looks for it; to one that isn't, changes are refused.
    var isInPlace: Bool { rows?.connection.hasMoved != true }

    func close() {
        rows = nil
        board.close()
    }

    private func publish(_ directory: AccountDirectory) {
        snapshot.withLock { $0 = directory }
        board.announce(directory.generation)
    }
}
