internal import SQLite

/// The actions of one tenant's events as small numbers. There are few of them, so all are kept.
final class Actions {
    private let connection: Connection
    private var numbers: [[UInt8]: Int64] = [:]
    private(set) var added: [[UInt8]] = []

    init(_ connection: Connection) {
        self.connection = connection
    }

    func find(_ name: [UInt8]) throws -> Int64? {
        if let number = numbers[name] { return number }
        let select = try connection.statement("SELECT id FROM action WHERE name = ?")
        defer { select.reset() }
        try select.bind(1, utf8: name.span)
        guard try select.step() else { return nil }
        numbers[name] = select.integer(0)
        return numbers[name]
    }

    func findOrAdd(_ name: [UInt8]) throws -> Int64 {
        if let number = try find(name) { return number }
        let insert = try connection.statement("INSERT INTO action(name) VALUES(?)")
        try insert.bind(1, utf8: name.span)
        try insert.run()
        numbers[name] = connection.lastInsertedRow
        added.append(name)
        return connection.lastInsertedRow
    }

    func rollBack(to count: Int) {
        for name in added[count...] { numbers[name] = nil }
        added.removeSubrange(count...)
    }

    func didCommit() { added.removeAll(keepingCapacity: true) }
}
