internal import Policies

/// A policy that belongs to one role or user.
struct InlinePolicy: Sendable, Equatable {
    var name: String
    /// As uploaded, for whoever asks for it.
    var text: String
    var document: PolicyDocument
}
