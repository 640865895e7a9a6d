internal import Threads
internal import Transport

/// A thread that reads a group of shards over read-only connections: nothing waits here for a disk's sync. All that waits is
/// served in one go and answered with one wake-up for each loop.
actor ReaderThread<Store: ShardStore>: OnThread {
    typealias Request = ShardRequest<Store.Reader>

    nonisolated let thread: WorkerThread
    private nonisolated let inbox: Inbox<Request>
    private let opener: ShardOpener<Store>
    private let size: Int
    private var files: FileCache<Store.Reader>

    init(number: Int, opener: ShardOpener<Store>, settings: ShardSettings) throws(ThreadError) {
        thread = try WorkerThread(name: "\(settings.name)-r\(number)")
        inbox = Inbox(limit: settings.waiting)
        self.opener = opener
        size = 64
        files = FileCache(limit: settings.openFiles / max(1, settings.readerThreads))
    }

    nonisolated func submit(_ request: Request) {
        switch inbox.push(request) {
        case .queued(let isFirst): if isFirst { schedule() }
        case .full: request.fail(ShardError.overloaded)
        case .closed: request.fail(ShardError.closed)
        }
    }

    private nonisolated func schedule() {
        thread.submit { self.assumeIsolated { if $0.serveWaiting() { $0.schedule() } } }
    }

    /// Serves what waits, up to a batch. False when nothing did.
    private func serveWaiting() -> Bool {
        let requests = inbox.take(upTo: size)
        if requests.isEmpty { return false }
        var replies = Replies()
        for request in requests {
            do {
                replies.add(try request.perform(try open(request.shard)), on: request.loop)
            } catch {
                let error = self.error(error, on: request.shard)
                replies.add({ request.fail(error) }, on: request.loop)
            }
        }
        replies.release()
        return true
    }

    private func open(_ shard: ShardID) throws -> Store.Reader {
        if let reader = files.file(shard) { return reader }
        let reader = try opener.openReader(shard)
        _ = files.insert(reader, for: shard)
        return reader
    }

    private func error(_ error: any Error, on shard: ShardID) -> any Error {
        let error = ShardError.translate(error, file: shard.description)
        switch error as? ShardError {
        case .storageExhausted, .corrupt: _ = files.remove(shard)
        default: break
        }
        return error
    }

    nonisolated func close() async {
        inbox.close()
        await finish()
    }

    private func finish() {
        while serveWaiting() {}
        files.removeAll()
    }
}
