/// What goes wrong inside the authorizer and isn't the caller's doing.
enum AuthorizerError: Error, Equatable, Sendable {
    /// The file holds what this version never writes.
    case damagedStore(part: String)
    case closed
    /// A message between services that isn't what it should be.
    case malformedMessage(part: String)
}
