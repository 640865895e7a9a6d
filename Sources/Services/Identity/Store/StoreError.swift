/// What is wrong with a file of ours.
enum StoreError: Error, Hashable, Sendable {
    /// A row that this service did not write, or that was changed; what of it can't be read.
    case damaged(String)
    /// A pool that is in the index and has no file.
    case missing(pool: String)
    /// A pool without keys: it was being made when a process ended, and the index does not name it.
    case unfinished(pool: String)
}
