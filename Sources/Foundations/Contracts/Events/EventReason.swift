/// Why an attempt was refused.
public enum EventReason {
    /// `If-Match` did not hold.
    public static let precondition = "precondition"
    /// A limit of the user or of the tenant.
    public static let quota = "quota"
    /// There is no such note, or it is somebody else's: which of the two is not said.
    public static let notFound = "not-found"
    /// The user was erased, and a token of theirs had not expired.
    public static let erased = "erased"
    /// The same idempotency key came with another body.
    public static let idempotencyMismatch = "idempotency-mismatch"
    /// The caller may not do this to what is somebody else's.
    public static let notPermitted = "not-permitted"
}
