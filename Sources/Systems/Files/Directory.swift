import CPosix
import Glibc
import Processes

/// Folders.
public enum Directory {
    /// Makes the folder and its missing parents, each with `mode`; one that exists stays as it is.
    public static func create(_ path: String, mode: UInt32 = 0o700) throws(FileError) {
        guard !path.utf8.contains(0) else { throw .malformedPath }
        if unsafe mkdir(path, mode) == 0 { return try sync(parent(of: path)) }
        switch errno {
        case EEXIST:
            guard try isDirectory(path) else { throw .notADirectory(path: path) }
        case ENOENT where parent(of: path) != path:
            try create(parent(of: path), mode: mode)
            // Once more, and no further: nothing can be made in a folder that was removed, or in some of the system's own.
            guard unsafe mkdir(path, mode) == 0 || errno == EEXIST else { throw FileError(path: path) }
            try sync(parent(of: path))
        default: throw FileError(path: path)
        }
    }

    /// The names in the folder, sorted by bytes, without `.` and `..`.
    public static func list(_ path: String) throws(FileError) -> [String] {
        guard let stream = unsafe opendir(path) else { throw FileError(path: path) }
        defer { unsafe _ = closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = unsafe readdir(stream) {
            // d_name is a zero-terminated array inside the entry, which stays until the next readdir.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw FileError(path: path) }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Whether `path` is a folder (following links).
    public static func isDirectory(_ path: String) throws(FileError) -> Bool {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw FileError(path: path) }
        return status.st_mode & S_IFMT == S_IFDIR
    }

    /// The permission bits of the folder, such as 0o700 (following links).
    public static func mode(_ path: String) throws(FileError) -> UInt32 {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw FileError(path: path) }
        return status.st_mode & 0o7777
    }

    /// Makes names created, renamed or removed in the folder durable.
    public static func sync(_ path: String) throws(FileError) {
        try Descriptor(opening: path, O_RDONLY | O_DIRECTORY).sync()
    }

    /// A new, empty folder of mode 0700 below `TMPDIR` or `/tmp`.
    public static func temporary(prefix: String) throws(FileError) -> String {
        let parent = Environment.value(of: "TMPDIR") ?? "/tmp"
        var template = Array("\(parent)/\(prefix)XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { throw FileError(path: parent) }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Removes the folder and all it holds, or the file; links are removed, not followed. What is not there is no error.
    public static func removeTree(_ path: String) throws(FileError) {
        let status: stat
        do throws(FileError) {
            status = try File.status(path)
        } catch {
            if case .notFound = error { return }
            throw error
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { return try File.remove(path) }
        for name in try list(path) { try removeTree("\(path)/\(name)") }
        guard unsafe rmdir(path) == 0 else { throw FileError(path: path) }
    }

    /// The folder that holds `path`.
    public static func parent(of path: String) -> String {
        guard let slash = path.utf8.dropLast(path.utf8.last == UInt8(ascii: "/") ? 1 : 0).lastIndex(of: UInt8(ascii: "/"))
        else { return "." }
        return slash == path.utf8.startIndex ? "/" : String(path[..<slash])
    }
}
