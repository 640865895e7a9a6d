public import SQLite

/// A file's schema as the list of steps that lead to it. Step n takes a file from `user_version` n to n + 1; a step that has
/// been released never changes.
public struct Schema: Sendable {
    private let steps: [String]

    public init(_ steps: String...) {
        self.steps = steps
    }

    public var version: Int { steps.count }

    /// Brings an older (or new) file up to date, each step in one transaction with its number. A file of a newer version is
    /// refused by name and left as it is.
    public func apply(to connection: Connection) throws {
        let found = try connection.userVersion()
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
