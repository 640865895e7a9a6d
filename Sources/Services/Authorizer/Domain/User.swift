internal import Encodings

/// An IAM user: an operator or a program with access keys, as opposed to the people of a user pool.
struct User: Sendable, Equatable {
    var name: String
    /// `AIDA…`
    var id: String
    var path: String
    var created: Timestamp
    var policies: [InlinePolicy] = []
}
