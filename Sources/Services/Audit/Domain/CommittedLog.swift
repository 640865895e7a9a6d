internal import Contracts

/// What one commit changed in a tenant's log.
struct CommittedLog: Sendable {
    let tenant: String
    /// The marks that moved, and those that went back to what they were: all that may differ from what was told before.
    let marks: [StreamMark]
    /// Whether events are known to exist that the log does not have.
    let hasGap: Bool
}
