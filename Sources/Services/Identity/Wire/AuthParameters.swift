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
    func username() throws(IdentityError) -> String { try text("USERNAME", as: "userAlias", .username) }

    /// `PASSWORD`, no longer than any is.
    func password() throws(IdentityError) -> String { try text("PASSWORD", as: "password", TextRule(0...PasswordPolicy.maximumLength)) }

    /// - Parameter member: what the service calls it in its refusal, which doesn't repeat the value.
    private func text(_ name: String, as member: String, _ rule: TextRule) throws(IdentityError) -> String {
        let value = try text(name)
        if let violation = rule.violation(value) {
            throw IdentityError(.invalidParameter, "1 validation error detected: Value at '\(member)' failed to satisfy constraint: \(violation)")
        }
        return value
    }

    /// Those that begin with `prefix`, without it.
    func members(_ prefix: String) -> [(name: String, value: String)] {
        values.filter { $0.key.hasPrefix(prefix) }.map { (String($0.key.dropFirst(prefix.count)), $0.value) }.sorted { $0.0 < $1.0 }
    }
}
