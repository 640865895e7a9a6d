/// The condition of `If-Match` (RFC 9110 §13.1.1) on a note's version. The entity tag of version 3 is `"3"`.
enum Precondition: Equatable, Sendable {
    case none
    /// `*`: whatever is there.
    case any
    /// One of these versions. A weak or foreign tag never matches, so it is not in the list.
    case versions([UInt64])

    /// Reads the field's value: nil where there is no such field.
    init(ifMatch value: String?) throws(NotesError) {
        guard let value else {
            self = .none
            return
        }
        if value == "*" {
            self = .any
            return
        }
        var versions: [UInt64] = []
        for element in value.split(separator: ",", omittingEmptySubsequences: false) {
            let tag = element.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed()
            var text = String(tag)
            let isWeak = text.hasPrefix("W/")
            if isWeak { text.removeFirst(2) }
            guard text.utf8.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else { throw .invalid("If-Match is malformed") }
            let opaque = text.dropFirst().dropLast()
            guard !opaque.contains("\"") else { throw .invalid("If-Match is malformed") }
            if !isWeak, let version = UInt64(opaque), String(version) == opaque { versions.append(version) }
        }
        self = .versions(versions)
    }

    func holds(for version: UInt64) -> Bool {
        switch self {
        case .none, .any: true
        case .versions(let versions): versions.contains(version)
        }
    }

    static func tag(_ version: UInt64) -> String { "\"\(version)\"" }
}
