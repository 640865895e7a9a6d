import Bytes
import JSON

/// One attribute of a user, and what is known of the standard ones (OpenID Connect Core §5.1).
struct UserAttribute: Hashable, Sendable {
    let name: String
    let value: String

    /// Most attributes one user has: the standard ones and 50 of the pool's own.
    static let maximumCount = 70

    /// Those with a name of the standard; `sub` is the service's to set.
    static let standard = Set(SchemaAttribute.standard.map(\.name)).subtracting(["sub"])

    /// Those that are an alias once they are verified.
    static let addresses: Set<String> = ["email", "phone_number"]

    static let booleans: Set<String> = ["email_verified", "phone_number_verified"]

    /// However it is written: Python's `str(True)` is `True`.
    var isTrue: Bool { value.lowercased() == "true" }

    var json: JSONValue { ["Name": .string(name), "Value": .string(value)] }

    /// Checks that the name is in the pool's schema, and the form of the value.
    func check(against pool: UserPool) throws(IdentityError) {
        if name == "sub" { throw IdentityError(.invalidParameter, "Cannot modify the non-mutable attribute sub") }
        guard let described = pool.schema(of: name) else { throw .schema("\(name): Attribute does not exist in the schema.\n") }
        try described.check(value)
        if name == "email", !value.isEmpty, !Self.isEmail(value) { throw IdentityError(.invalidParameter, "Invalid email address format.") }
        if name == "phone_number", !value.isEmpty, !Self.isPhoneNumber(value) {
            throw IdentityError(.invalidParameter, "Invalid phone number format.")
        }
        if name == "preferred_username", pool.aliasAttributes.contains(.preferredUsername), let form = pool.addressForm(of: value) {
            throw .looksLikeAddress(name, form)
        }
    }

    static func isEmail(_ text: String) -> Bool { text.utf8.count <= 254 && hasEmailForm(text) }

    /// One `@` with something on both sides and a dot or a plain host behind it; the mail server knows the rest. However long: folding its case can
    /// change the length of a name, and not its form.
    static func hasEmailForm(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return false }
        return TextPattern.name.matches(text) && parts[1].first != "." && parts[1].last != "."
    }

    /// E.164: a plus and up to 15 digits.
    static func isPhoneNumber(_ text: String) -> Bool {
        let digits = text.utf8.dropFirst()
        return text.utf8.first == UInt8(ascii: "+") && (2...15).contains(digits.count) && digits.allSatisfy(\.isDigit)
    }
}

extension Input {
    /// A list of `{Name, Value}`, each name once.
    mutating func attributes(_ name: String) throws(IdentityError) -> [UserAttribute] {
        let given = try parts(name, count: 0...UserAttribute.maximumCount) { part throws(IdentityError) in
            UserAttribute(name: try part.text("Name", .attributeName), value: try part.optionalText("Value", .attributeValue) ?? "")
        }
        var attributes: [UserAttribute] = []
        for attribute in given ?? [] {
            guard !attributes.contains(where: { $0.name == attribute.name }) else {
                throw IdentityError(.invalidParameter, "Duplicate attribute \(attribute.name)")
            }
            attributes.append(attribute)
        }
        return attributes
    }
}
