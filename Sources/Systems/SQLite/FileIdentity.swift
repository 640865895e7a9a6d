import Glibc

/// Which file a path leads to.
struct FileIdentity: Equatable {
    private let device: dev_t
    private let number: ino_t

    /// Nil where there is none.
    init?(_ path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        (device, number) = (status.st_dev, status.st_ino)
    }
}

/// What SQLite keeps beside a file that is open: the write-ahead log with the latest commits, and its index, by which connections see each other's.
struct FilesBeside: Equatable {
    private let log: FileIdentity?
    private let index: FileIdentity?

    init(_ path: String) {
        log = FileIdentity("\(path)-wal")
        index = FileIdentity("\(path)-shm")
    }
}
