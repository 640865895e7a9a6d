public import Files
internal import SQLite
internal import Threads

/// Why a shard could not be read or written.
public enum ShardError: Error, Equatable, Sendable {
    /// The data folder, the file, or its log was moved, removed or replaced while it was in use. Nothing of the request was stored.
    case moved(path: String)
    /// The file was there once, and is gone. Nothing of the request was stored.
    case missing(path: String)
    /// The file was written by a newer release; this one leaves it alone.
    case newerSchema(file: String, found: Int, known: Int)
    /// The disk is full, failing or read-only. Nothing of the request was stored; it may be sent again.
    case storageExhausted
    /// More requests wait than the limit allows. Nothing of the request was stored.
    case overloaded
    /// Another program keeps the file locked. Nothing of the request was stored.
    case locked(file: String)
    /// The file, or the manifest, can't be read: it is damaged or foreign.
    case corrupt(file: String)
    /// The tenant was deleted, with all it had.
    case tenantDeleted
    /// The process is about to end.
    case closed
    /// A file operation failed for another reason.
    case file(FileError)
    /// A defect of ours; the text is for the log only.
    case defect(String)

    /// Errors of files and of SQLite become ours; what a service threw stays what it is.
    static func translate(_ error: any Error, file: String) -> any Error {
        switch error {
        case let error as SQLiteError: ShardError(error, file: file)
        case let error as FileError: ShardError(error)
        case is ThreadError: ShardError.overloaded
        default: error
        }
    }

    init(_ error: SQLiteError, file: String) {
        self =
            switch error.kind {
            case .full, .inputOutput, .transactionLost, .readOnly, .cannotOpen: .storageExhausted
            case .busy: .locked(file: file)
            case .outOfMemory: .overloaded
            case .corrupt: .corrupt(file: file)
            case .moved: .moved(path: file)
            case .constraint, .tooLarge, .schema, .other: .defect("\(file): \(error)")
            }
    }

    init(_ error: FileError) {
        self =
            switch error {
            case .noSpace, .readOnly, .tooManyOpenFiles: .storageExhausted
            default: .file(error)
            }
    }
}

extension ShardError: CustomStringConvertible {
    /// One sentence for an operator.
    public var description: String {
        switch self {
        case .moved(let path): "\(path), or a file beside it, was moved, removed or replaced while it was in use"
        case .missing(let path): "\(path) is missing that was there before"
        case .newerSchema(let file, let found, let known):
            "\(file) has schema version \(found), and this release knows up to \(known)"
        case .storageExhausted: "the disk is full, failing or read-only"
        case .overloaded: "too many requests wait for the storage"
        case .locked(let file): "another program keeps \(file) locked"
        case .corrupt(let file): "\(file) is damaged or not ours"
        case .tenantDeleted: "the tenant was deleted"
        case .closed: "the storage is closed"
        case .file(let error): error.description
        case .defect(let text): text
        }
    }
}
