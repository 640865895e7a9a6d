import Encodings

/// `name = "value"` or `name ^= "value"`: the whole of ListUsers' filter language.
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
        guard let equals = text.firstIndex(of: "=") else { throw malformed }
        var left = text[..<equals]
        isPrefix = left.last == "^"
        if isPrefix { left = left.dropLast() }
        name = String(left.trimmed { $0 == " " })
        guard Self.searchable.contains(name), let value = Self.unquoted(text[text.index(after: equals)...].trimmed { $0 == " " }) else {
            throw malformed
        }
        self.value = value
    }

    /// What is between quotation marks; one inside is written `\"`. Nil where the last of them isn't the end, as between two conditions.
    private static func unquoted(_ text: Substring) -> String? {
        guard text.first == "\"" else { return nil }
        var value = ""
        var rest = text.dropFirst()
        while let character = rest.popFirst() {
            if character == "\"" { return rest.isEmpty ? value : nil }
            let isEscape = character == "\\" && rest.first == "\""
            value.append(isEscape ? rest.removeFirst() : character)
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
        return isPrefix ? actual.hasPrefix(wanted) : actual == wanted
    }
}
