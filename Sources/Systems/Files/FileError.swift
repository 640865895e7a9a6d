import Glibc

/// Why an operation on a file or folder failed. The path is the operator's, so it may be logged.
public enum FileError: Error, Equatable, Sendable {
    case notFound(path: String)
    case alreadyExists(path: String)
    case permissionDenied(path: String)
    /// The disk, the quota or the process's file-size limit is used up.
    case noSpace(path: String)
    case readOnly(path: String)
    case notADirectory(path: String)
    case isADirectory(path: String)
    case notEmpty(path: String)
    /// A pipe, a device, or whatever else is no file with an end.
    case notAFile(path: String)
    case tooManyOpenFiles(path: String)
    /// The file is larger than the reader's limit, in bytes.
    case tooLarge(path: String, limit: Int)
    /// Another process holds the lock.
    case locked(path: String)
    /// A path with a zero byte in it.
    case malformedPath
    /// Any other error number of the operating system.
    case system(path: String, code: Int32)

    init(path: String, code: Int32 = errno) {
        self =
            switch code {
            case ENOENT: .notFound(path: path)
            case EEXIST: .alreadyExists(path: path)
            case EACCES, EPERM: .permissionDenied(path: path)
            case ENOSPC, EDQUOT, EFBIG: .noSpace(path: path)
            case EROFS: .readOnly(path: path)
            case ENOTDIR: .notADirectory(path: path)
            case EISDIR: .isADirectory(path: path)
            case ENOTEMPTY: .notEmpty(path: path)
            case EMFILE, ENFILE: .tooManyOpenFiles(path: path)
            default: .system(path: path, code: code)
            }
    }
}

extension FileError: CustomStringConvertible {
    /// One sentence for an operator.
    public var description: String {
        switch self {
        case .notFound(let path): "\(path): no such file or folder"
        case .alreadyExists(let path): "\(path): exists already"
        case .permissionDenied(let path): "\(path): permission denied"
        case .noSpace(let path): "\(path): no space left"
        case .readOnly(let path): "\(path): the file system is read-only"
        case .notADirectory(let path): "\(path): not a folder"
        case .isADirectory(let path): "\(path): is a folder"
        case .notEmpty(let path): "\(path): folder not empty"
        case .notAFile(let path): "\(path): not a regular file"
        case .tooManyOpenFiles(let path): "\(path): too many open files"
        case .tooLarge(let path, let limit): "\(path): larger than \(limit) bytes"
        case .locked(let path): "\(path): held by another process"
        case .malformedPath: "a path holds a zero byte"
        case .system(let path, let code): "\(path): error number \(code)"
        }
    }
}
