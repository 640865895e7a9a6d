import Contracts
import Dispatch
import Encodings
import JSON
import Synchronization
import TestTools
import Testing

@testable import Identity

@Suite("Sign-in is throttled")
struct ThrottleTests {
    private let start = Timestamp(seconds: 1_800_000_000)

    @Test("Five failures are free, then waits double up to 15 minutes, and a success clears them")
    func lockout() async throws {
        let throttle = SignInThrottle(entries: 64, burst: 1, perSecond: 1)
        var now = start
        for _ in 0..<4 { throttle.failed(try throttle.begin(pool: "p", user: "u", at: now), at: now) }
        for wait in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] as [Int64] {
            throttle.failed(try throttle.begin(pool: "p", user: "u", at: now), at: now)
            #expect(throws: IdentityError.attemptsExceeded) { _ = try throttle.begin(pool: "p", user: "u", at: now.adding(seconds: wait - 1)) }
            #expect(throws: Never.self) { throttle.abandoned(try throttle.begin(pool: "p", user: "other", at: now), at: now) }
            now = now.adding(seconds: wait)
        }
        throttle.succeeded(try throttle.begin(pool: "p", user: "u", at: now), at: now)
        for _ in 0..<4 { throttle.failed(try throttle.begin(pool: "p", user: "u", at: now), at: now) }
        #expect(throws: Never.self) { _ = try throttle.begin(pool: "p", user: "u", at: now) }
    }

    @Test("Failures are forgotten 15 minutes after the last one, or after the wait it led to, and not before")
    func forgotten() throws {
        let throttle = SignInThrottle(entries: 64, burst: 1, perSecond: 1)
        var now = start
        func fail() throws { throttle.failed(try throttle.begin(pool: "p", user: "u", at: now), at: now) }
        func isLocked() -> Bool {
            guard let attempt = try? throttle.begin(pool: "p", user: "u", at: now) else { return true }
            throttle.abandoned(attempt, at: now)
            return false
        }
        // Four that nobody remembers after a quarter of an hour; a fifth just before its end is the fifth.
        for _ in 0..<4 { try fail() }
        now = now.adding(seconds: 900)
        for _ in 0..<4 {
            try fail()
            #expect(!isLocked())
        }
        now = now.adding(seconds: 899)
        try fail()
        #expect(isLocked())
        // The wait, of a second, is over; then the quarter of an hour is not.
        now = now.adding(seconds: 900)
        try fail()
        now = now.adding(seconds: 1)
        #expect(isLocked())
        now = now.adding(seconds: 1 + 900)
        for _ in 0..<4 {
            try fail()
            #expect(!isLocked())
        }
    }

    @Test("Attempts under way count: a burst of guesses gets no more tries than one after another would")
    func concurrentGuesses() throws {
        let throttle = SignInThrottle(entries: 64, burst: 1, perSecond: 1)
        throttle.failed(try throttle.begin(pool: "p", user: "u", at: start), at: start)
        var attempts: [SignInThrottle.Attempt] = []
        for _ in 0..<4 { attempts.append(try throttle.begin(pool: "p", user: "u", at: start)) }
        #expect(throws: IdentityError.tooManyRequests) { _ = try throttle.begin(pool: "p", user: "u", at: start) }
        for attempt in attempts { throttle.failed(attempt, at: start) }
        #expect(throws: IdentityError.attemptsExceeded) { _ = try throttle.begin(pool: "p", user: "u", at: start) }
        // Locked for 2^(5-5) s: then one at a time.
        let later = start.adding(seconds: 1)
        _ = try throttle.begin(pool: "p", user: "u", at: later)
        #expect(throws: IdentityError.tooManyRequests) { _ = try throttle.begin(pool: "p", user: "u", at: later) }
    }

    @Test("One user's sign-ins at once, none of which has failed, are too many requests beyond sixteen, and no lock")
    func concurrentSignIns() throws {
        let throttle = SignInThrottle(entries: 64, burst: 1, perSecond: 1)
        let attempts = try (0..<16).map { _ in try throttle.begin(pool: "p", user: "u", at: start) }
        #expect(throws: IdentityError.tooManyRequests) { _ = try throttle.begin(pool: "p", user: "u", at: start) }
        for attempt in attempts { throttle.succeeded(attempt, at: start) }
        #expect(throws: Never.self) { _ = try throttle.begin(pool: "p", user: "u", at: start) }
    }

    @Test("Who was locked by a clock that was ahead waits for no longer than the longest lock")
    func clockAhead() throws {
        let throttle = SignInThrottle(entries: 64, burst: 1, perSecond: 1)
        let ahead = start.adding(seconds: 86_400)
        for _ in 0..<5 { throttle.failed(try throttle.begin(pool: "p", user: "u", at: ahead), at: ahead) }
        #expect(throws: IdentityError.attemptsExceeded) { _ = try throttle.begin(pool: "p", user: "u", at: start) }
        let later = start.adding(seconds: SignInThrottle.longestLock)
        #expect(throws: Never.self) { throttle.abandoned(try throttle.begin(pool: "p", user: "u", at: later), at: later) }
    }

    @Test("A source has its burst, regains attempts with time, and a clock that jumps back gives none")
    func sources() throws {
        let throttle = SignInThrottle(entries: 64, burst: 3, perSecond: 1)
        for _ in 0..<3 { try throttle.admit(source: "192.0.2.1", at: start) }
        #expect(throws: IdentityError.tooManyRequests) { try throttle.admit(source: "192.0.2.1", at: start) }
        #expect(throws: IdentityError.tooManyRequests) { try throttle.admit(source: "192.0.2.1", at: start.adding(seconds: -3600)) }
        #expect(throws: Never.self) { try throttle.admit(source: "192.0.2.2", at: start) }
        #expect(throws: Never.self) { try throttle.admit(source: "192.0.2.1", at: start.adding(seconds: 1)) }
    }

    @Test("Addresses of one IPv6 network are one source; other spellings of an address are that address")
    func networks() {
        let same = ["2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:0DB8:0001:0002::", "2001:db8:1:2::1%eth0"]
        #expect(Set(same.map { NetworkSource($0).key }) == ["2001:db8:1:2::/64"])
        #expect(NetworkSource("2001:db8:1:3::1").key != NetworkSource("2001:db8:1:2::1").key)
        #expect(NetworkSource("::1").key == "0:0:0:0::/64")
        #expect(NetworkSource("::2:3:4:5:6:7").key == "0:0:2:3::/64")
        #expect(NetworkSource("::ffff:192.0.2.1").key == NetworkSource("192.0.2.1").key)
    }

    @Test("The tables stay as large as they are, however many names and addresses are tried")
    func bounded() throws {
        var table = BoundedTable<Int>(capacity: 64)
        for number in 0..<10_000 {
            table.set(number, at: SHA256Stub.digest(number), time: Int64(number))
        }
        #expect((0..<10_000).count { table[SHA256Stub.digest($0)] != nil } <= 64)
        #expect(table[SHA256Stub.digest(9_999)] == 9_999)
    }

    @Test("Who has failed often is not forgotten for made-up names")
    func flood() throws {
        let throttle = SignInThrottle(entries: 64, burst: 1, perSecond: 1)
        for _ in 0..<5 { throttle.failed(try throttle.begin(pool: "p", user: "victim", at: start), at: start) }
        for number in 0..<10_000 { throttle.failed(try throttle.begin(pool: "q", user: "name\(number)", at: start), at: start) }
        #expect(throws: IdentityError.attemptsExceeded) { _ = try throttle.begin(pool: "p", user: "victim", at: start) }
    }

    @Test("A locked user is refused before any hash is computed, by name or by alias")
    func lockedUser() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool(Fixture.ignoringCase + ["AliasAttributes": ["email"]])
            let client = try await fixture.client(pool)
            try await fixture.user(
                pool, "alice", "Correct-Horse-7",
                ["UserAttributes": [["Name": "email", "Value": "a@example.com"], ["Name": "email_verified", "Value": "true"]]])
            for name in ["alice", "a@example.com", "ALICE", "A@EXAMPLE.COM", "alice"] {
                await expect(.wrongPassword) { _ = try await fixture.signIn(client, name, "wrong") }
            }
            await expect(.attemptsExceeded) { _ = try await fixture.signIn(client, "a@example.com") }
            fixture.advance(seconds: 1)
            #expect(try await fixture.signIn(client, "alice")["AuthenticationResult"] != nil)
        }
    }

    @Test("When as much work waits as may, more is turned away at once, and what waited is done")
    func fullQueue() async throws {
        let pool = try ComputePool(name: "test", threads: 1, capacity: 2)
        let gate = DispatchSemaphore(value: 0)
        let running = Count()
        async let first = pool.run {
            running.add()
            gate.wait()
        }
        // However the test ends, its scope waits for the work.
        defer { gate.signal() }
        try await until { running.value == 1 }
        async let second = pool.run { 2 }
        try await until { pool.load == 2 }
        await #expect(throws: ComputePool.Full.self) { try await pool.run { 3 } }
        gate.signal()
        _ = try await first
        #expect(try await second == 2)
        #expect(try await pool.run { 4 } == 4)
    }

    @Test("One pool's work leaves room for the others'")
    func shares() async throws {
        let pool = try ComputePool(name: "test", threads: 1, capacity: 8)
        let gate = DispatchSemaphore(value: 0)
        let greedy = (0..<4).map { _ in Task { try await pool.run(for: "a") { gate.wait() } } }
        try await until { pool.load == 4 }
        await #expect(throws: ComputePool.Full.self) { try await pool.run(for: "a") { 1 } }
        await #expect(throws: ComputePool.Full.self) { try await pool.pretend(for: "a") {} }
        let others = ["b", "c", "b"].map { owner in Task { try await pool.run(for: owner) { gate.wait() } } }
        try await until { pool.load == 7 }
        for _ in 0..<7 { gate.signal() }
        for task in greedy + others { try await task.value }
        #expect(try await pool.run(for: "a") { 1 } == 1)
    }

    @Test("Work that nobody needs takes half of the places; beyond, it is answered as if it had been done, and turned away only with the rest")
    func pretence() async throws {
        let pool = try ComputePool(name: "test", threads: 3, capacity: 4)
        let gate = DispatchSemaphore(value: 0)
        async let first: Void = pool.pretend { gate.wait() }
        async let second: Void = pool.pretend { gate.wait() }
        // However the test ends, its scope waits for the work.
        defer { for _ in 0..<4 { gate.signal() } }
        try await until { pool.load == 2 }
        // The third thread is free, and so are two places.
        for _ in 0..<8 { try await pool.pretend { Issue.record("more than half of the places") } }
        #expect(try await pool.run { 7 } == 7)
        async let third: Void = pool.run { gate.wait() }
        async let fourth: Void = pool.run { gate.wait() }
        defer { for _ in 0..<4 { gate.signal() } }
        try await until { pool.load == 4 }
        await #expect(throws: ComputePool.Full.self) { try await pool.run { 8 } }
        await #expect(throws: ComputePool.Full.self) { try await pool.pretend {} }
        for _ in 0..<4 { gate.signal() }
        _ = try await (first, second, third, fourth)
        let done = Atomic(false)
        try await pool.pretend { done.store(true, ordering: .relaxed) }
        #expect(done.load(ordering: .relaxed) && pool.load == 0)
    }

    @Test("Names of nobody, however many are tried at once, keep no user and no new pool out, and are told from neither")
    func starving() async throws {
        try await Fixture.with(queue: 8) { fixture in
            let pool = try await fixture.pool()
            let client = try await fixture.client(pool, ["PreventUserExistenceErrors": "ENABLED"])
            try await fixture.user(pool, "alice")
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<64 {
                    group.addTask { await expect(.wrongPassword) { _ = try await fixture.signIn(client, "name\(number)") } }
                }
                for _ in 0..<8 {
                    await #expect(throws: Never.self) { try await fixture.signIn(client, "alice") }
                    await #expect(throws: Never.self) { try await fixture.pool() }
                }
            }
        }
    }

    @Test("One source that tries many names is stopped; an administrator is not counted by source")
    func spraying() async throws {
        try await Fixture.with(burst: 5, perSecond: 1) { fixture in
            let pool = try await fixture.pool()
            let client = try await fixture.client(pool)
            try await fixture.user(pool, "alice")
            for number in 0..<5 { await expect(.noSuchUser) { _ = try await fixture.signIn(client, "name\(number)") } }
            await expect(.tooManyRequests) { _ = try await fixture.signIn(client, "alice") }
            #expect(try await fixture.signIn(client, "alice", from: "198.51.100.9")["AuthenticationResult"] != nil)
            let admin: JSONObject = [
                "UserPoolId": .string(pool), "ClientId": .string(client), "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
                "AuthParameters": ["USERNAME": "alice", "PASSWORD": "Correct-Horse-7"],
            ]
            #expect(try await fixture.admin(.adminInitiateAuth, admin)["AuthenticationResult"] != nil)
        }
    }
}
