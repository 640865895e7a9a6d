internal import Encodings

/// A set of permissions that a token's holder, not a person, is given.
struct Role: Sendable, Equatable {
    var name: String
    /// `AROA…`
    var id: String
    var path: String
    var description: String?
    /// As uploaded. Who gets a role here is said by the user's groups, so it is kept and shown, and not evaluated.
    var trustPolicy: String
    /// Seconds; kept and shown.
    var maximumSession: Int
    var created: Timestamp
    var policies: [InlinePolicy] = []
}
