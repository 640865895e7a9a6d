/// The conditions of `If-Match` and `If-None-Match` (RFC 9110 §13.1.1, §13.1.2) on a note's version, or on the list of notes.
struct Precondition: Equatable, Sendable {
    static let none = Precondition()

    let ifMatch: EntityTags?
    let ifNoneMatch: EntityTags?

    private init() { (ifMatch, ifNoneMatch) = (nil, nil) }

    /// Reads the values of the fields' lines: none where there is no such field.
    init(ifMatch: [[UInt8]], ifNoneMatch: [[UInt8]]) throws(NotesError) {
        self.ifMatch = try Self.tags(ifMatch, "If-Match")
        self.ifNoneMatch = try Self.tags(ifNoneMatch, "If-None-Match")
    }

    private static func tags(_ lines: [[UInt8]], _ name: String) throws(NotesError) -> EntityTags? {
        if lines.isEmpty { return nil }
        guard let tags = EntityTags(lines) else { throw .invalid("\(name) is malformed") }
        return tags
    }

    /// Whether the note may be changed.
    func holds(for version: UInt64) -> Bool { isMatched(by: version) && !isKnown(version) }

    /// Whether it is the note that is meant.
    func isMatched(by version: UInt64) -> Bool { ifMatch?.matchStrongly(version) ?? true }

    /// Whether what isn't there may be deleted: it is no version that could match, and not known either.
    var holdsForNothing: Bool { ifMatch == nil }

    /// Whether a note may be added to the list: that is always there, and has no tag.
    var holdsForList: Bool { isMatchedByList && !isListKnown }

    var isMatchedByList: Bool { ifMatch.map { $0 == .any } ?? true }

    var isListKnown: Bool { ifNoneMatch == .any }

    /// Whether the client has this version already.
    func isKnown(_ version: UInt64) -> Bool { ifNoneMatch?.matchWeakly(version) ?? false }
}
