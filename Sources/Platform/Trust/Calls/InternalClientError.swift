public import HTTP
public import JSON

/// Why a call to another service gave no usable answer.
public enum InternalClientError: Error, Equatable, Sendable {
    case credentials(CredentialError)
    case transport(ClientError)
    /// An answer other than the one expected: its status.
    case refused(Status)
    case malformedAnswer(JSONError)
}
