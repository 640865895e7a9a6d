/// Why something sealed did not open.
public enum SealError: Error, Equatable, Sendable {
    /// The bytes, or where they were found, are not what was sealed.
    case notAuthentic
    /// Wrapped by a key the manifest does not hold.
    case unknownKey
    /// The tenant's key was wrapped by another master key than the one configured.
    case otherMasterKey
    /// The user's key was destroyed.
    case erased
}
