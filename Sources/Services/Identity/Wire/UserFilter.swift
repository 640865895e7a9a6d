import Encodings

/// `name = "value"` or `name ^= "value"`: the whole of ListUsers' filter language. Texts are compared by their bytes, as names are wherever else they stand: what Unicode
/// has as two spellings of one text may be two users.
struct UserFilter: Sendable {
    private static let searchable: Set<String> = [
        "username", "email", "phone_number", "name", "given_name", "family_name", "preferred_username", "cognito:user_status", "status", "sub",
    ]

    private let name: String
    private let value: String
    private let isPrefix: Bool

    /// Nil for an empty filter, which all users meet.
    init?(_ text: String) throws(IdentityError) {
        if text.isEmpty { return nil }
        let malformed = IdentityError(.invalidParameter, "Error while parsing filter.")
        let scalars = text.unicodeScalars
        guard let equals = scalars.firstIndex(of: "=") else { throw malformed }
        var left = scalars[..<equals]
        isPrefix = left.last == "^"
        if isPrefix { left = left.dropLast() }
        name = String(Substring(left).trimmed { $0 == " " })
        guard Self.searchable.contains(name),
            let value = Self.unquoted(Substring(scalars[scalars.index(after: equals)...]).trimmed { $0 == " " }.unicodeScalars)
        else { throw malformed }
        self.value = value
    }

    /// What is between quotation marks; one inside is written `\"`. Nil where the last of them isn't the end, as between two conditions.
    private static func unquoted(_ text: Substring.UnicodeScalarView) -> String? {
        guard text.first == "\"" else { return nil }
        var value = String.UnicodeScalarView()
        var rest = text.dropFirst()
        while let scalar = rest.popFirst() {
            if scalar == "\"" { return rest.isEmpty ? String(value) : nil }
            let isEscape = scalar == "\\" && rest.first == "\""
            value.append(isEscape ? rest.removeFirst() : scalar)
        }
        return nil
    }

    func matches(_ user: User, in pool: UserPool) -> Bool {
        let actual: String? =
            switch name {
            case "username": pool.key(of: user.username)
            case "cognito:user_status": user.status.rawValue.lowercased()
            case "status": user.isEnabled ? "Enabled" : "Disabled"
            case "sub": user.subject.description
            default: user.attribute(name)
            }
        guard let actual else { return false }
        // ListUsers' documentation tells cases apart in `status` and not in `cognito:user_status`.
        let wanted =
            switch name {
            case "username": pool.key(of: value)
            case "cognito:user_status": value.lowercased()
            default: value
            }
        return isPrefix ? actual.utf8.starts(with: wanted.utf8) : actual.utf8.elementsEqual(wanted.utf8)
    }
}
