import CPosix
import Glibc

/// Whole files. Every call blocks: run it on a worker thread, or before the loops start.
public enum File {
    /// The file's bytes; fails when there are more than `limit`.
    public static func read(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
        try Descriptor(opening: path, O_RDONLY).readAll(limit: limit)
    }

    /// Replaces the file in one step: after a crash it holds either the old bytes or the new ones, and once this returns, the
    /// new ones are on the disk. Readers never see a part.
    public static func replace(_ path: String, with bytes: Span<UInt8>, mode: UInt32 = 0o600) throws(FileError) {
        // Nobody can have made it before, nor have a link lead elsewhere: in a shared folder it may be a secret that is written.
        let temporary = unfinished(path)
        let file = try Descriptor(opening: temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: mode, called: path)
        do throws(FileError) {
            try file.writeAll(bytes)
            try file.sync()
            try rename(temporary, to: path)
        } catch {
            unsafe unlink(temporary)
            throw error
        }
        try Directory.sync(Directory.parent(of: path))
    }

    public static func replace(_ path: String, with bytes: [UInt8], mode: UInt32 = 0o600) throws(FileError) {
        try replace(path, with: bytes.span, mode: mode)
    }

    /// Writes a file that must not exist yet, and puts it on the disk.
    public static func create(_ path: String, with bytes: [UInt8], mode: UInt32 = 0o600) throws(FileError) {
        let file = try Descriptor(opening: path, O_WRONLY | O_CREAT | O_EXCL, mode: mode)
        do throws(FileError) {
            try file.writeAll(bytes.span)
            try file.sync()
        } catch {
            unsafe unlink(path)
            throw error
        }
        try Directory.sync(Directory.parent(of: path))
    }

    /// The first bytes of a file, `count` of them where there are so many.
    public static func prefix(of path: String, count: Int) throws(FileError) -> [UInt8] {
        let file = try Descriptor(opening: path, O_RDONLY)
        var bytes = [UInt8](repeating: 0, count: count)
        let found = try file.read(into: &bytes)
        return Array(bytes.prefix(found))
    }

    /// Lends the file's bytes, a mebibyte at a time at most.
    public static func readPieces(of path: String, _ body: (Span<UInt8>) throws(FileError) -> Void) throws(FileError) {
        // A pipe would be waited for; and what is read in pieces is large, so it is a file.
        let file = try Descriptor(opening: path, O_RDONLY | O_NONBLOCK)
        guard try file.isRegular() else { throw .notAFile(path: path) }
        var piece = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = try file.read(into: &piece)
            if count == 0 { return }
            try body(piece.span.extracting(0..<count))
        }
    }

    /// Copies a file to one that must not exist yet, and puts it on the disk.
    public static func copy(_ path: String, to other: String, mode: UInt32 = 0o600) throws(FileError) {
        let file = try Descriptor(opening: other, O_WRONLY | O_CREAT | O_EXCL, mode: mode)
        do throws(FileError) {
            try readPieces(of: path) { (piece) throws(FileError) in try file.writeAll(piece) }
            try file.sync()
        } catch {
            unsafe unlink(other)
            throw error
        }
        try Directory.sync(Directory.parent(of: other))
    }

    public static func exists(_ path: String) -> Bool {
        unsafe access(path, F_OK) == 0
    }

    /// The file's length in bytes.
    public static func size(_ path: String) throws(FileError) -> Int {
        try Int(status(path).st_size)
    }

    /// When it was last written: seconds since 1970.
    public static func modified(_ path: String) throws(FileError) -> Int64 {
        try Int64(status(path).st_mtim.tv_sec)
    }

    /// The permission bits, such as 0o600.
    public static func mode(_ path: String) throws(FileError) -> UInt32 {
        try status(path).st_mode & 0o7777
    }

    /// The number of the user it belongs to.
    public static func owner(_ path: String) throws(FileError) -> UInt32 {
        try status(path).st_uid
    }

    public static func rename(_ path: String, to other: String) throws(FileError) {
        guard unsafe Glibc.rename(path, other) == 0 else { throw FileError(path: other) }
    }

    /// Removes the file; one that is not there is no error.
    public static func remove(_ path: String) throws(FileError) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw FileError(path: path) }
    }

    static func status(_ path: String) throws(FileError) -> stat {
        guard !path.utf8.contains(0) else { throw .malformedPath }
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { throw FileError(path: path) }
        return status
    }
}
