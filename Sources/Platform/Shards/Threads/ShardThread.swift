internal import Threads

/// A thread that serves what waits for a group of shards, in batches. It holds their files open, and only it touches them.
protocol ShardThread<Handle>: OnThread {
    associatedtype Handle
    associatedtype OpenFile

    nonisolated var inbox: Inbox<ShardRequest<Handle>> { get }
    var files: FileCache<OpenFile> { get set }

    /// Serves what waits, up to a batch. False when nothing did.
    func serveWaiting() -> Bool
}

extension ShardThread {
    nonisolated func submit(_ request: ShardRequest<Handle>) {
        switch inbox.push(request) {
        case .queued(let isFirst): if isFirst { schedule() }
        case .full: request.fail(ShardError.overloaded)
        case .closed: request.fail(ShardError.closed)
        }
    }

    private nonisolated func schedule() {
        // Comes back for the rest, so that nothing else on the thread starves.
        thread.submit { self.assumeIsolated { if $0.serveWaiting() { $0.schedule() } } }
    }

    /// What the caller is told. After a failing disk the file is opened afresh, so that nothing rests on what memory holds.
    func error(_ error: any Error, on shard: ShardID) -> any Error {
        let error = ShardError.translate(error, file: shard.description)
        switch error as? ShardError {
        case .storageExhausted, .corrupt: _ = files.remove(shard)
        default: break
        }
        return error
    }

    /// Closes the files of a tenant that was deleted.
    func drop(_ tenant: TenantName) {
        for (shard, _) in files.all where shard.tenant == tenant { _ = files.remove(shard) }
    }

    /// Refuses new requests, serves what waits and closes every file.
    nonisolated func close() async {
        inbox.close()
        await finish()
    }

    private func finish() {
        while serveWaiting() {}
        files.removeAll()
    }
}
