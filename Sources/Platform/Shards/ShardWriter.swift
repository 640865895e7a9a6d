/// The part of a service's writer that takes part in group commit: many requests share one transaction, each with a savepoint.
/// Whatever the writer keeps in memory beside the file follows these calls.
public protocol ShardWriter {
    /// What the writer must know to undo one request in memory.
    associatedtype Savepoint

    /// A request is about to run.
    func savepoint() -> Savepoint
    /// The request failed, and its changes to the file are undone.
    func rollBack(to savepoint: Savepoint)
    /// All requests have run; the last chance to write.
    func willCommit() throws
    /// The transaction is on the disk. Replies go out after this returns.
    func didCommit()
    /// The transaction, or its commit, failed: nothing of it is in the file.
    func didRollBack()
    /// Whether nothing of this file is left to be delivered, so that a restart need not open it.
    var isDelivered: Bool { get }
    /// Whether what the writer keeps beside the file is still where the next process looks for it; asked before each commit.
    var isInPlace: Bool { get }
}

extension ShardWriter {
    public var isInPlace: Bool { true }
}
