import Contracts
import Crypto
import Encodings
import Synchronization

/// How often one user's password may be tried, and by one source address any password: decided before any hash is computed.
///
/// A user's failures count wherever they come from, until a sign-in succeeds or a quarter of an hour has passed without one.
///
/// Both tables have a fixed size. Their places are chosen by a keyed hash, so nobody can aim at another's; where one is full, the entry
/// longest untouched gives way, and of users first the one with the fewest failures: who has many is not forgotten for made-up names that have few.
final class SignInThrottle: Sendable {
    /// What the contract says: five failures are free, the n-th locks for 2^(n-5) seconds, 15 minutes at most.
    static let freeFailures: UInt16 = 5
    static let longestLock: Int64 = 900
    /// Seconds without a failure after which all are forgotten; they begin when the wait that the last one led to is over.
    static let memory: Int64 = 900
    /// Sign-ins of one user that may be under way at once while none has failed.
    static let concurrentAttempts: UInt16 = 16

    /// A sign-in that was let through; it must be settled by `succeeded` or `failed`, or `abandoned` when no password was compared.
    struct Attempt: Sendable {
        fileprivate let user: SHA256Digest
    }

    private struct Failures {
        var count: UInt16 = 0
        var underWay: UInt16 = 0
        /// Microseconds since 1970.
        var lockedUntil: Int64 = 0
        /// Microseconds since 1970.
        var forgottenAt: Int64 = 0

        /// What was counted by a clock that was ahead locks nobody for longer, and is remembered no longer, than what is counted now.
        /// - Returns: whether there was such.
        mutating func bound(by now: Timestamp) -> Bool {
            let (lock, memory) = (
                now.adding(seconds: SignInThrottle.longestLock), now.adding(seconds: SignInThrottle.longestLock + SignInThrottle.memory)
            )
            guard lockedUntil > lock.microseconds || forgottenAt > memory.microseconds else { return false }
            lockedUntil = min(lockedUntil, lock.microseconds)
            forgottenAt = min(forgottenAt, memory.microseconds)
            return true
        }

        func worth(at now: Timestamp) -> Int { Int(max(underWay, now.microseconds < forgottenAt ? count : 0)) }
    }

    private struct Bucket {
        /// Thousandths of an attempt.
        var tokens: Int64
        var filledAt: Int64
    }

    private struct Tables {
        var users: BoundedTable<Failures>
        var sources: BoundedTable<Bucket>
    }

    private let key = HMACSHA256(key: Random.bytes(32))
    private let tables: Mutex<Tables>
    private let burst: Int64
    private let perSecond: Int64

    /// - Parameters:
    ///   - entries: how many users and how many sources are remembered.
    ///   - burst: attempts a source has at once.
    ///   - perSecond: attempts a source regains each second.
    init(entries: Int = 65_536, burst: Int, perSecond: Int) {
        tables = Mutex(Tables(users: BoundedTable(capacity: entries), sources: BoundedTable(capacity: entries)))
        self.burst = Int64(burst) * 1000
        self.perSecond = Int64(perSecond)
    }

    /// Counts an attempt of a source; throws when it has none left.
    func admit(source: String, at now: Timestamp) throws(IdentityError) {
        let place = place("source", NetworkSource(source).key)
        let admitted = tables.withLock { tables in
            var bucket = tables.sources[place] ?? Bucket(tokens: burst, filledAt: now.milliseconds)
            // A clock that jumped back fills nothing; one that jumped ahead fills the bucket.
            let elapsed = max(0, now.milliseconds - bucket.filledAt)
            bucket.tokens = min(burst, bucket.tokens + min(elapsed, 3_600_000) * perSecond)
            bucket.filledAt = now.milliseconds
            let admitted = bucket.tokens >= 1000
            if admitted { bucket.tokens -= 1000 }
            tables.sources.set(bucket, at: place, time: now.milliseconds)
            return admitted
        }
        if !admitted { throw .tooManyRequests }
    }

    /// Begins an attempt at one user's password. Throws `attemptsExceeded` while the user is locked. While attempts are under way, no more are let through
    /// than may still fail: the next is one of too many requests, which clients send again by themselves, since it may be that none of them fails.
    func begin(pool: String, user: String, at now: Timestamp) throws(IdentityError) -> Attempt {
        let place = place(pool, user)
        try tables.withLock { (tables) throws(IdentityError) in
            var failures = tables.users[place] ?? Failures()
            if failures.bound(by: now) { tables.users.set(failures, at: place, time: now.milliseconds) { $0.worth(at: now) } }
            guard now.microseconds >= failures.lockedUntil else { throw .attemptsExceeded }
            if now.microseconds >= failures.forgottenAt { failures.count = 0 }
            let room = failures.count == 0 ? Self.concurrentAttempts : max(1, Self.freeFailures - min(failures.count, Self.freeFailures))
            guard failures.underWay < room else { throw .tooManyRequests }
            failures.underWay += 1
            tables.users.set(failures, at: place, time: now.milliseconds) { $0.worth(at: now) }
        }
        return Attempt(user: place)
    }

    func succeeded(_ attempt: Attempt, at now: Timestamp) {
        settle(attempt, at: now) { failures in
            failures.count = 0
            failures.lockedUntil = 0
        }
    }

    func failed(_ attempt: Attempt, at now: Timestamp) {
        settle(attempt, at: now) { failures in
            failures.count = min(failures.count + 1, 1000)
            var seconds: Int64 = 0
            if failures.count >= Self.freeFailures {
                seconds = min(Self.longestLock, 1 << Int64(min(failures.count - Self.freeFailures, 20)))
                failures.lockedUntil = now.adding(seconds: seconds).microseconds
            }
            failures.forgottenAt = now.adding(seconds: seconds + Self.memory).microseconds
        }
    }

    func abandoned(_ attempt: Attempt, at now: Timestamp) {
        settle(attempt, at: now) { _ in }
    }

    private func settle(_ attempt: Attempt, at now: Timestamp, _ change: (inout Failures) -> Void) {
        tables.withLock { tables in
            var failures = tables.users[attempt.user] ?? Failures()
            failures.underWay -= failures.underWay > 0 ? 1 : 0
            change(&failures)
            tables.users.set(failures, at: attempt.user, time: now.milliseconds) { $0.worth(at: now) }
        }
    }

    private func place(_ scope: String, _ name: String) -> SHA256Digest {
        key.code(for: Array(scope.utf8) + [0] + Array(name.utf8))
    }
}
