internal import Files
internal import Processes
internal import SQLite
internal import Threads
internal import Transport

/// A request failed, and all of its transaction is undone.
private struct RequestFailed: Error {}

/// The one thread that writes a group of shards, by group commit: all that waits for a shard goes into one transaction, where a request that
/// fails undoes nobody else's changes, and every answer leaves after the commit is on the disk.
actor WriterThread<Store: ShardStore>: ShardThread {
    typealias Request = ShardRequest<Store.Writer>

    /// An open file with its only writing connection.
    final class OpenFile {
        let connection: Connection
        let writer: Store.Writer
        /// Whether the shard is on the durable list.
        var isListed = false
        /// Whether it may be there: a process before this one may have left it.
        var mayBeListed = true
        /// Whether nobody has written since the latest sweep.
        var isIdle = false
        /// Whether its log was moved into the file since somebody wrote.
        var isCut = false
        /// Whether a request failed in the latest transaction: then more of the kind may come.
        var isFailing = false

        init(_ connection: Connection, _ writer: Store.Writer) {
            self.connection = connection
            self.writer = writer
        }
    }

    nonisolated let thread: WorkerThread
    nonisolated let inbox: Inbox<Request>
    private let opener: ShardOpener<Store>
    private let settings: ShardSettings
    private let undelivered: UndeliveredList
    private let metrics: ShardMetrics
    private let beforeCommit: FailPoint
    private let afterCommit: FailPoint
    var files: FileCache<OpenFile>
    /// Requests in the latest batch.
    private var crowd = 0

    init(
        number: Int, opener: ShardOpener<Store>, settings: ShardSettings, undelivered: UndeliveredList, metrics: ShardMetrics
    ) throws(ThreadError) {
        thread = try WorkerThread(name: "\(settings.name)-w\(number)")
        inbox = Inbox(limit: settings.waiting)
        self.opener = opener
        self.settings = settings
        self.undelivered = undelivered
        self.metrics = metrics
        beforeCommit = FailPoint("\(settings.name).before-commit")
        afterCommit = FailPoint("\(settings.name).after-commit")
        files = FileCache(limit: settings.openFiles / max(1, settings.writerThreads))
    }

    /// A batch is one transaction's size at most.
    func serveWaiting() -> Bool {
        // Where many come at a time, those on their way go into the same transactions.
        if crowd >= settings.crowd { thread.pause(microseconds: settings.gather) }
        let requests = inbox.take(upTo: settings.transactionSize)
        crowd = requests.count
        if requests.isEmpty { return false }
        var order: [ShardID] = []
        var groups: [ShardID: [Request]] = [:]
        for request in requests {
            if groups[request.shard] == nil { order.append(request.shard) }
            groups[request.shard, default: []].append(request)
        }
        for shard in order { serve(groups[shard] ?? [], on: shard) }
        return true
    }

    private func serve(_ requests: [Request], on shard: ShardID) {
        var replies = Replies()
        let file: OpenFile
        do {
            file = try open(shard)
            if requests.contains(where: { !$0.isUpkeep }) {
                try list(file, as: shard)
                file.isIdle = false
                file.isCut = false
            }
            try commit(requests, to: file, &replies)
        } catch {
            replies = Replies()
            let error = self.error(error, on: shard)
            for request in requests { replies.add({ request.fail(error) }, on: request.loop) }
            replies.release()
            return
        }
        replies.release()
        checkpoint(file.connection)
    }

    private func commit(_ requests: [Request], to file: OpenFile, _ replies: inout Replies) throws {
        let started = SystemClock.monotonicNanoseconds()
        if !file.isFailing {
            do {
                replies = try commitTogether(requests, to: file)
            } catch is RequestFailed {
                file.isFailing = true
            }
        }
        if file.isFailing { replies = try commitApart(requests, to: file) }
        metrics.committed(requests.count, since: started)
        file.writer.didCommit()
    }

    /// Without a savepoint for each request: SQLite pays for one with a copy of every page that the request touches.
    /// - Throws: ``RequestFailed`` when any of them fails, with nothing left of all.
    private func commitTogether(_ requests: [Request], to file: OpenFile) throws -> Replies {
        var replies = Replies()
        try transaction(on: file) {
            do {
                for request in requests { replies.add(try request.perform(file.writer), on: request.loop) }
            } catch {
                guard file.connection.isInTransaction else { throw error }
                throw RequestFailed()
            }
        }
        return replies
    }

    /// Each request in a savepoint of its own, so that one that fails undoes only what is its own.
    private func commitApart(_ requests: [Request], to file: OpenFile) throws -> Replies {
        var replies = Replies()
        var failed = 0
        try transaction(on: file) {
            for request in requests {
                let savepoint = file.writer.savepoint()
                do {
                    let reply = try file.connection.savepoint { try request.perform(file.writer) }
                    replies.add(reply, on: request.loop)
                } catch {
                    file.writer.rollBack(to: savepoint)
                    // A full disk may end the whole transaction: then nobody's changes are left.
                    guard file.connection.isInTransaction else { throw error }
                    let error = self.error(error, on: request.shard)
                    replies.add({ request.fail(error) }, on: request.loop)
                    failed += 1
                }
            }
        }
        file.isFailing = failed > 0
        return replies
    }

    private func transaction(on file: OpenFile, _ body: () throws -> Void) throws {
        do {
            try file.connection.transaction {
                try body()
                try file.writer.willCommit()
                guard file.writer.isInPlace else { throw ShardError.moved(path: file.connection.path) }
                beforeCommit.pass()
            }
        } catch {
            file.writer.didRollBack()
            throw error
        }
        afterCommit.pass()
    }

    // MARK: Files

    private func open(_ shard: ShardID) throws -> OpenFile {
        let known = files.file(shard)
        metrics.opened(for: .write, wasOpen: known != nil)
        if let known { return known }
        let (connection, writer) = try opener.openWriter(shard)
        let file = OpenFile(connection, writer)
        if let (_, old) = files.insert(file, for: shard) {
            // Closing checkpoints only when no reader is left, so it is done before; if it fails, the log simply stays.
            _ = try? old.connection.checkpoint(.passive)
        }
        return file
    }

    private func list(_ file: OpenFile, as shard: ShardID) throws(FileError) {
        if file.isListed { return }
        try undelivered.add(shard)
        file.isListed = true
        file.mayBeListed = true
    }

    private func checkpoint(_ connection: Connection) {
        guard connection.pagesSinceCheckpoint >= settings.checkpointPages else { return }
        // A checkpoint that fails (a full disk) leaves the log as it is, and the next commit tries again.
        _ = try? connection.checkpoint(connection.logPages >= settings.checkpointPages * 16 ? .truncate : .passive)
    }

    // MARK: Maintenance

    /// Opens the file if it is not open, which also brings its schema up to date; false where there is none.
    func prepare(_ shard: ShardID) throws -> Bool { try inspect(shard) { _ in } != nil }

    /// Runs `body` outside of a transaction, between two group commits; nil when the file does not exist.
    func inspect<R: Sendable>(_ shard: ShardID, _ body: @Sendable (Store.Writer) throws -> R) throws -> R? {
        do {
            guard try isThere(shard) else { return nil }
            return try body(try open(shard).writer)
        } catch {
            throw self.error(error, on: shard)
        }
    }

    private func isThere(_ shard: ShardID) throws -> Bool { try files.file(shard) != nil || opener.exists(shard) }

    /// See ``ShardSet/scrub(_:)``. A reader holds it up for as long as its query takes.
    func scrub(_ shard: ShardID) throws {
        do {
            guard try isThere(shard) else { return }
            guard try open(shard).connection.checkpoint(.truncate) else { throw ShardError.overloaded }
        } catch {
            throw self.error(error, on: shard)
        }
    }

    /// Whether every open file is still where the next process looks for it.
    var isInPlace: Bool { files.all.allSatisfy { !$0.file.connection.hasMoved && $0.file.writer.isInPlace } }

    var openShards: [ShardID] { files.all.map(\.shard) }

    /// Copies the file to `path` in steps, and lets commits through between them. The copy counts once this returns; false where there is no file.
    func backUp(_ shard: ShardID, to path: String) async throws -> Bool {
        do {
            guard try isThere(shard) else { return false }
            try Directory.create(Directory.parent(of: path))
            try File.remove(path)
            try await copy(try open(shard).connection, to: path)
            let copy = try Connection(path: path, role: .writer)
            try opener.store.stamp(backup: copy)
            try copy.checkpoint(.truncate)
            return true
        } catch {
            throw self.error(error, on: shard)
        }
    }

    private func copy(_ connection: Connection, to path: String) async throws {
        let backup = try Backup(of: connection, to: path)
        while try backup.step(pages: 256) > 0 {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    /// Takes every open shard that has nothing left to deliver off the durable list, and moves the log of those that nobody
    /// writes to into their files. One that fails keeps none of the others waiting; throws the first error.
    func sweep() throws(ShardError) {
        var failure: ShardError?
        for (shard, file) in files.all {
            do {
                if file.mayBeListed, file.writer.isDelivered {
                    try undelivered.remove(shard)
                    file.isListed = false
                    file.mayBeListed = false
                }
                // Once: the little that upkeep writes is no reason for another sync of each shard in each round.
                if file.isIdle, !file.isCut {
                    file.isCut = try file.connection.logPages == 0 || file.connection.checkpoint(.truncate)
                    file.connection.releaseMemory()
                }
                file.isIdle = true
            } catch {
                let error = self.error(error, on: shard)
                failure = failure ?? error as? ShardError ?? .defect("\(error)")
            }
        }
        if let failure { throw failure }
    }
}
