public import Contracts
public import Encodings

/// Why shared keys are not rotated. One sentence for the operator.
public enum KeyRotationError: Error, Equatable, Sendable {
    /// The verifier doesn't know the signer's key: somebody else has changed one of them.
    case torn(signer: ServiceName, verifier: ServiceName)
    /// A former rotation's keys are still accepted.
    case overlapping(since: Timestamp)
    /// A rotation was interrupted.
    case unfinished
    /// Keys were replaced too short a time ago.
    case tooEarly(until: Timestamp)
    /// An audit log that is restored could have to be filled with events that only the replaced keys verify.
    case notBackedUp(since: Timestamp)
    /// The secrets are another user's: what is written here could not be read there.
    case notOwner(folder: String)
}

extension KeyRotationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .torn(let signer, let verifier):
            "\(verifier.rawValue) doesn't have the key that \(signer.rawValue) has for it: one of the two folders is another cluster's, or was changed"
        case .overlapping(let since): "keys that were replaced at \(since.iso8601()) are still accepted; see strongroom keys retire"
        case .unfinished: "a rotation was interrupted; strongroom keys rotate goes on with it"
        case .tooEarly(let time): "keys that are replaced may still be needed until \(time.iso8601())"
        case .notBackedUp(let time):
            "events that only replaced keys verify may be in no backup of audit: make one, and name one from after \(time.iso8601()) with --audit-backup"
        case .notOwner(let folder): "\(folder) belongs to another user; only what that user writes there can be read by the service"
        }
    }
}
