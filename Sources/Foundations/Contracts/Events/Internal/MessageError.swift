/// Why a body is not the internal message it should be.
public enum MessageError: Error, Equatable {
    case notJSON
    /// A member is missing or has the wrong type or range.
    case invalid(member: String)
    /// More elements than the message may have.
    case tooMany
}
