import Encodings
import SQLite

extension UserPoolStore {
    func insert(_ keys: [PoolKeys.Sealed]) throws {
        try connection.transaction {
            for key in keys { try write(key) }
        }
    }

    func keys() throws -> [PoolKeys.Sealed] {
        try connection.rows("SELECT kid, use, stage, since, longest, sealed FROM key") { row in
            guard let use = PoolKeys.Use(rawValue: row.text(1)), let stage = TokenKeyState.Stage(rawValue: row.text(2)) else {
                throw StoreError.damaged("key")
            }
            let state = TokenKeyState(
                use: use, keyID: row.text(0), stage: stage, since: Timestamp(microseconds: row.integer(3)), longest: row.integer(4))
            return PoolKeys.Sealed(state: state, box: row.bytes(5))
        }
    }

    /// Notes, before it happens, that the keys that sign are about to sign tokens of this validity.
    func note(_ validity: TokenValidity) throws {
        try connection.transaction {
            for use in [PoolKeys.Use.id, .access] {
                try connection.run(
                    "UPDATE key SET longest = max(longest, ?) WHERE use = ? AND stage = 'current'", .integer(validity.seconds(of: use)),
                    .text(use.rawValue))
            }
        }
    }

    /// Takes steps of the timetable, all or none.
    /// - Parameter formers: for each use that passes on, the key that signed until now, as it stays.
    func take(_ steps: [TokenKeyTimetable.Step], formers: [PoolKeys.Sealed], at now: Timestamp) throws {
        try connection.transaction {
            for former in formers {
                try connection.run("DELETE FROM key WHERE kid = ?", .text(former.state.keyID))
                try write(former)
            }
            for step in steps {
                switch step {
                case .succeed(let use):
                    try connection.run(
                        "UPDATE key SET stage = 'current', since = ? WHERE use = ? AND stage = 'next'", .integer(now.microseconds),
                        .text(use.rawValue))
                case .drop(let keyID): try connection.run("DELETE FROM key WHERE kid = ?", .text(keyID))
                }
            }
        }
    }

    private func write(_ key: PoolKeys.Sealed) throws {
        let state = key.state
        try connection.run(
            "INSERT INTO key(kid, use, stage, since, longest, sealed) VALUES(?, ?, ?, ?, ?, ?)", .text(state.keyID), .text(state.use.rawValue),
            .text(state.stage.rawValue), .integer(state.since.microseconds), .integer(state.longest), .blob(key.box))
    }
}
