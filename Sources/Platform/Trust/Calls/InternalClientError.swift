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

extension InternalClientError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .credentials(let error): "no credentials: \(error)"
        case .transport(let error): error.description
        case .refused(let status): "it answered \(status)"
        case .malformedAnswer(let error): "its answer is not understood (\(error))"
        }
    }
}
