/// The payload hash of a request without a body.
public enum EmptyPayload {
    /// SHA-256 of no bytes, in hex.
    public static let hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
}
