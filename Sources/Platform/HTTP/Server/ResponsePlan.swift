/// A response made ready for the wire.
struct ResponsePlan {
    /// The head; a short body is part of it.
    var bytes: [UInt8]
    /// A long body.
    var body: [UInt8] = []
    /// A body that is yet to be written.
    var stream: (@Sendable (BodyWriter) async throws -> Void)?
    /// Whose it is, as the response has it.
    var owner = 0
    /// Whether another request may follow on the connection.
    var persists: Bool
}
