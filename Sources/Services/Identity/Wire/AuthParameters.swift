/// The named texts of `AuthParameters` and `ChallengeResponses`.
struct AuthParameters: Sendable {
    private let values: [String: String]

    init(_ values: [String: String]) {
        self.values = values
    }

    /// Nil where it is missing or empty.
    subscript(name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }

    func text(_ name: String) throws(IdentityError) -> String {
        guard let value = self[name] else { throw .missingParameter(name) }
        return value
    }

    /// `USERNAME`, within what a user name may be.
    func username() throws(IdentityError) -> String {
        let name = try text("USERNAME")
        if let violation = TextRule.username.violation(name) {
            throw IdentityError(.invalidParameter, "1 validation error detected: Value at 'userAlias' failed to satisfy constraint: \(violation)")
        }
        return name
    }

    /// Those that begin with `prefix`, without it.
    func members(_ prefix: String) -> [(name: String, value: String)] {
        values.filter { $0.key.hasPrefix(prefix) }.map { (String($0.key.dropFirst(prefix.count)), $0.value) }.sorted { $0.0 < $1.0 }
    }
}
