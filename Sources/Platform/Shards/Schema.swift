internal import Files
public import SQLite

/// A file's schema as the list of steps that lead to it. Step n takes a file from `user_version` n to n + 1; a step that has
/// been released never changes.
public struct Schema: Sendable {
    private let steps: [String]

    public init(_ steps: String...) {
        self.steps = steps
    }

    public var version: Int { steps.count }

    /// Refuses files of a newer version by name, without opening them: to be called when a service starts, which opens each later.
    ///
    /// What is still in a file's log is not looked at. A release that was stopped in order has left nothing there; where it was not, opening finds out. So it
    /// does with a file that can't be read or is no database: that is one tenant's misfortune, and no reason to serve nobody.
    public func refuseNewer(in files: some Sequence<String>) throws(ShardError) {
        for file in files {
            // An empty file is one that was being made. The user version is the big-endian number at offset 60 (SQLite's file format §1.3).
            guard let header = try? File.prefix(of: file, count: 64), header.count == 64, header.starts(with: "SQLite format 3\0".utf8) else {
                continue
            }
            // A negative one is nobody's: that file is damaged, and is found to be when it is opened.
            let found = Int(header[60...].reduce(Int32(0)) { $0 << 8 | Int32($1) })
            guard found <= version else { throw .newerSchema(file: file, found: found, known: version) }
        }
    }

    /// Brings an older (or new) file up to date, each step in one transaction with its number. A file of a newer version is
    /// refused by name and left as it is.
    public func apply(to connection: Connection) throws {
        let found = try connection.userVersion()
        // The number has a sign, which none of ours ever had.
        guard found >= 0 else { throw ShardError.corrupt(file: connection.path) }
        guard found <= version else {
            throw ShardError.newerSchema(file: connection.path, found: found, known: version)
        }
        for (number, step) in steps.enumerated().dropFirst(found) {
            try connection.transaction {
                try connection.execute(step)
                try connection.setUserVersion(number + 1)
            }
        }
    }
}
