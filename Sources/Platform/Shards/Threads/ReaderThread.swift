internal import Processes
internal import Threads
internal import Transport

/// A thread that reads a group of shards over read-only connections: nothing waits here for a disk's sync. All that waits is
/// served in one go and answered with one wake-up for each loop; but nothing that is done waits long for what isn't, nor is in memory meanwhile.
actor ReaderThread<Store: ShardStore>: ShardThread {
    nonisolated let thread: WorkerThread
    nonisolated let inbox: Inbox<ShardRequest<Store.Reader>>
    private let opener: ShardOpener<Store>
    private let size: Int
    private let metrics: ShardMetrics
    var files: FileCache<Store.Reader>

    init(number: Int, opener: ShardOpener<Store>, settings: ShardSettings, metrics: ShardMetrics) throws(ThreadError) {
        thread = try WorkerThread(name: "\(settings.name)-r\(number)")
        inbox = Inbox(limit: settings.waiting)
        self.opener = opener
        size = 64
        self.metrics = metrics
        files = FileCache(limit: settings.openFiles / max(1, settings.readerThreads))
    }

    func serveWaiting() -> Bool {
        let requests = inbox.take(upTo: size)
        if requests.isEmpty { return false }
        var replies = Replies()
        var since = SystemClock.monotonicNanoseconds()
        for request in requests {
            do {
                replies.add(try request.perform(try open(request)), on: request.loop)
            } catch {
                let error = self.error(error, on: request.shard)
                replies.add({ request.fail(error) }, on: request.loop)
            }
            let now = SystemClock.monotonicNanoseconds()
            guard now - since > Self.longestWait else { continue }
            replies.release()
            replies = Replies()
            since = now
        }
        replies.release()
        return true
    }

    /// Nanoseconds.
    private static var longestWait: UInt64 { 2_000_000 }

    private func open(_ request: ShardRequest<Store.Reader>) throws -> Store.Reader {
        let shard = request.shard
        let known = files.file(shard)
        metrics.opened(for: .read, wasOpen: known != nil)
        if let known { return known }
        guard request.isPrepared else { throw ReaderNotReady() }
        let reader = try opener.openReader(shard)
        _ = files.insert(reader, for: shard)
        return reader
    }
}
