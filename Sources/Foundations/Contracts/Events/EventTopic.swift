/// The topics of a cluster.
public enum EventTopic {
    public static let notes = "strongroom.notes.v1"
    public static let identity = "strongroom.identity.v1"
    public static let access = "strongroom.access.v1"
    /// What could not be verified, for an operator to look at.
    public static let deadLetters = "strongroom.dead-letters.v1"

    /// What the audit service reads.
    public static let sources = [notes, identity, access]
}
