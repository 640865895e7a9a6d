/// The limits of what is stored.
struct NoteLimits: Sendable {
    /// Notes a user may have.
    var notesPerUser = 100_000
    /// Events of one shard that may wait for the audit service.
    var outbox: UInt64 = 100_000
    /// Seconds an idempotency key is remembered.
    var idempotencySeconds: Int64 = 86_400
    /// Idempotency keys remembered in one shard; beyond it the oldest go, whoever's they are.
    var idempotencyKeys = 100_000
    /// Idempotency keys remembered of one user; beyond it an eighth of them go, the oldest first, so that no single user
    /// pushes out everybody's.
    var idempotencyKeysPerUser = 10_000
}
