/// The way into the log that a query takes: by the index that leaves least to look at, or straight through.
enum ScanPath: Equatable {
    case resource(Int64)
    case subject(Int64)
    case refused
    case log

    var key: Int64? {
        switch self {
        case .resource(let key), .subject(let key): key
        case .refused, .log: nil
        }
    }

    /// Takes the first and the last leaf as ?1 and ?2, and the key, where there is one, as ?3.
    func sql(_ order: EventOrder) -> StaticString {
        switch (self, order) {
        case (.resource, .newest):
            """
            SELECT leaf, stream, seq, time, subject, resource, action, outcome, address, commitment FROM event
            WHERE resource = ?3 AND leaf BETWEEN ?1 AND ?2 ORDER BY leaf DESC
            """
        case (.resource, .oldest):
            """
            SELECT leaf, stream, seq, time, subject, resource, action, outcome, address, commitment FROM event
            WHERE resource = ?3 AND leaf BETWEEN ?1 AND ?2 ORDER BY leaf
            """
        case (.subject, .newest):
            """
            SELECT leaf, stream, seq, time, subject, resource, action, outcome, address, commitment FROM event
            WHERE subject = ?3 AND leaf BETWEEN ?1 AND ?2 ORDER BY leaf DESC
            """
        case (.subject, .oldest):
            """
            SELECT leaf, stream, seq, time, subject, resource, action, outcome, address, commitment FROM event
            WHERE subject = ?3 AND leaf BETWEEN ?1 AND ?2 ORDER BY leaf
            """
        case (.refused, .newest):
            """
            SELECT leaf, stream, seq, time, subject, resource, action, outcome, address, commitment FROM event
            WHERE outcome = 2 AND leaf BETWEEN ?1 AND ?2 ORDER BY leaf DESC
            """
        case (.refused, .oldest):
            """
            SELECT leaf, stream, seq, time, subject, resource, action, outcome, address, commitment FROM event
            WHERE outcome = 2 AND leaf BETWEEN ?1 AND ?2 ORDER BY leaf
            """
        case (.log, .newest):
            """
            SELECT leaf, stream, seq, time, subject, resource, action, outcome, address, commitment FROM event
            WHERE leaf BETWEEN ?1 AND ?2 ORDER BY leaf DESC
            """
        case (.log, .oldest):
            """
            SELECT leaf, stream, seq, time, subject, resource, action, outcome, address, commitment FROM event
            WHERE leaf BETWEEN ?1 AND ?2 ORDER BY leaf
            """
        }
    }

    /// Positions of the columns.
    enum Column {
        static let leaf = 0
        static let stream = 1
        static let seq = 2
        static let time = 3
        static let subject = 4
        static let resource = 5
        static let action = 6
        static let outcome = 7
        static let address = 8
        static let commitment = 9
    }
}
