import Crypto
import Synchronization
import Testing
import Tokens

@testable import Trust

@Suite struct JWKSClientTests {
    /// An identity service whose answers the test chooses, and a clock that stands still unless moved.
    final class World: Sendable {
        struct State {
            var sets: [String: [UInt8]] = [:]
            var isDown = false
            var time: Int64 = 1_000_000
            var fetches: [String] = []
            var held: [CheckedContinuation<Void, Never>] = []
            var holds = false
        }
        let state = Mutex(State())

        func set(_ body: (inout sending State) -> Void) { state.withLock { body(&$0) } }
        var fetchCount: Int { state.withLock { $0.fetches.count } }

        func advance(_ milliseconds: Int64) { state.withLock { $0.time += milliseconds } }

        func release() {
            let waiting = state.withLock { state in
                state.holds = false
                defer { state.held = [] }
                return state.held
            }
            for waiter in waiting { waiter.resume() }
        }

        func fetch(_ issuer: String) async throws(JWKSFetchError) -> [UInt8] {
            state.withLock { $0.fetches.append(issuer) }
            await withCheckedContinuation { waiter in
                let isHeld = state.withLock { state in
                    if state.holds { state.held.append(waiter) }
                    return state.holds
                }
                if !isHeld { waiter.resume() }
            }
            if state.withLock({ $0.isDown }) { throw .away }
            guard let set = state.withLock({ $0.sets[issuer] }) else { throw .notFound }
            return set
        }
    }

    static func set(_ kids: String...) throws -> [UInt8] {
        try JWKSet.encode(kids.map { VerificationKey(keyID: $0, material: .p256(try P256PrivateKey.generate().publicKey)) })
    }

    func withClient(
        configuration: JWKSConfiguration = JWKSConfiguration(), _ body: (World, JWKSClient) async throws -> Void
    ) async throws {
        let world = World()
        let client = JWKSClient(configuration: configuration, now: { world.state.withLock { $0.time } }, fetch: world.fetch)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            // Whatever the test came to, nothing it holds keeps it from its end.
            defer {
                world.release()
                group.cancelAll()
            }
            try await body(world, client)
        }
    }

    /// Lets background work that needs no time pass by.
    func settle(_ condition: () -> Bool) async {
        for _ in 0..<100_000 {
            if condition() { return }
            await Task.yield()
        }
    }

    @Test func `a set is fetched once and then used`() async throws {
        try await withClient { world, client in
            let set = try Self.set("k1")
            world.set { $0.sets["a"] = set }
            let keys = try await client.keys(of: "a")
            #expect(keys.snapshot.keys.contains("k1"))
            _ = try await client.keys(of: "a")
            #expect(world.fetchCount == 1)
            #expect(keys.isCurrent(epoch: keys.snapshot.epoch, now: 1_000_000))
        }
    }

    @Test func `whoever asks at the same time waits for the same fetch`() async throws {
        try await withClient { world, client in
            let set = try Self.set("k1")
            world.set {
                $0.sets["a"] = set; $0.holds = true
            }
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<50 { group.addTask { try await client.keys(of: "a").snapshot.keys.contains("k1") } }
                await settle { world.fetchCount == 1 }
                world.release()
                for try await found in group { #expect(found) }
            }
            #expect(world.fetchCount == 1)
        }
    }

    @Test func `a key that is taken away stops standing with the next refresh`() async throws {
        try await withClient { world, client in
            let both = try Self.set("k1", "k2")
            world.set { $0.sets["a"] = both }
            let keys = try await client.keys(of: "a")
            let epoch = keys.snapshot.epoch
            let one = try Self.set("k2")
            world.set { $0.sets["a"] = one }
            world.advance(60_000)
            // Due, but not overdue: served from what is held, refreshed behind.
            _ = try await client.keys(of: "a")
            await settle { keys.snapshot.epoch != epoch }
            #expect(!keys.snapshot.keys.contains("k1"))
            #expect(!keys.isCurrent(epoch: epoch, now: 1_060_000))
        }
    }

    @Test func `the same set again changes no epoch, so nothing has to be verified again`() async throws {
        try await withClient { world, client in
            let set = try Self.set("k1")
            world.set { $0.sets["a"] = set }
            let keys = try await client.keys(of: "a")
            let epoch = keys.snapshot.epoch
            world.advance(120_000)
            _ = try await client.keys(of: "a")
            #expect(world.fetchCount == 2)
            #expect(keys.isCurrent(epoch: epoch, now: 1_120_000))
        }
    }

    @Test func `an overdue set is not used before a refresh was tried`() async throws {
        try await withClient { world, client in
            let old = try Self.set("k1")
            world.set { $0.sets["a"] = old }
            _ = try await client.keys(of: "a")
            let new = try Self.set("k2")
            world.set { $0.sets["a"] = new }
            world.advance(120_000)
            let keys = try await client.keys(of: "a")
            #expect(!keys.snapshot.keys.contains("k1"))
        }
    }

    @Test func `while fetching fails what is held serves, but not for ever`() async throws {
        try await withClient { world, client in
            let set = try Self.set("k1")
            world.set { $0.sets["a"] = set }
            _ = try await client.keys(of: "a")
            world.set { $0.isDown = true }
            world.advance(600_000)
            #expect(try await client.keys(of: "a").snapshot.keys.contains("k1"))
            // Within the pause after a failure nobody waits for another.
            #expect(try await client.keys(of: "a").snapshot.keys.contains("k1"))
            #expect(world.fetchCount == 2)
            world.advance(3_600_000)
            await #expect(throws: JWKSError.unavailable) { try await client.keys(of: "a") }
        }
    }

    @Test func `while the identity service does not answer nobody waits whose keys are held, and the others no longer than one fetch`() async throws {
        var configuration = JWKSConfiguration()
        configuration.concurrentFetches = 1
        try await withClient(configuration: configuration) { world, client in
            let set = try Self.set("k1")
            world.set {
                for issuer in ["a", "b", "c"] { $0.sets[issuer] = set }
            }
            for issuer in ["a", "b", "c"] { _ = try await client.keys(of: issuer) }
            world.set {
                $0.holds = true
                $0.isDown = true
            }
            world.advance(120_000)
            let (first, second, unknown) = (
                Task { try await client.keys(of: "a") }, Task { try await client.keys(of: "b") }, Task { try await client.keys(of: "new") }
            )
            await settle { world.fetchCount == 4 }
            await settle { client.waiting == 3 }
            // The one fetch that is under way ends; the next is held in its turn.
            world.release()
            world.set { $0.holds = true }
            #expect(try await first.value.snapshot.keys.contains("k1"))
            #expect(try await second.value.snapshot.keys.contains("k1"))
            await #expect(throws: JWKSError.unavailable) { _ = try await unknown.value }
            #expect(try await client.keys(of: "c").snapshot.keys.contains("k1"))
            // It answers again: what is overdue is asked for before it is used.
            let (next, last) = (try Self.set("k2"), try Self.set("k3"))
            world.set {
                $0.isDown = false
                $0.sets["c"] = next
            }
            world.release()
            let held = try await client.keys(of: "c")
            await settle { held.snapshot.keys.contains("k2") }
            world.set { $0.sets["c"] = last }
            world.advance(120_000)
            #expect(try await client.keys(of: "c").snapshot.keys.contains("k3"))
        }
    }

    @Test func `an unknown key id is looked for, then not again for a while, and known ones never wait`() async throws {
        try await withClient { world, client in
            let set = try Self.set("k1")
            world.set { $0.sets["a"] = set }
            let keys = try await client.keys(of: "a")
            let epoch = keys.snapshot.epoch
            #expect(await client.newerKeys(of: keys, than: epoch) == nil)
            #expect(world.fetchCount == 2)
            for _ in 0..<100 { #expect(await client.newerKeys(of: keys, than: epoch) == nil) }
            #expect(world.fetchCount == 2)
            world.set { $0.holds = true }
            world.advance(5_000)
            async let sought = client.newerKeys(of: keys, than: epoch)
            await settle { world.fetchCount == 3 }
            #expect(try await client.keys(of: "a") === keys)
            #expect(keys.isCurrent(epoch: epoch, now: 1_005_000))
            let rotated = try Self.set("k1", "k2")
            world.set { $0.sets["a"] = rotated }
            world.release()
            #expect(await sought?.keys.contains("k2") == true)
        }
    }

    @Test func `an issuer that does not exist is remembered for a while, and is known as soon as it exists after that`() async throws {
        try await withClient { world, client in
            await #expect(throws: JWKSError.unknownIssuer) { try await client.keys(of: "a") }
            await #expect(throws: JWKSError.unknownIssuer) { try await client.keys(of: "a") }
            #expect(world.fetchCount == 1)
            let set = try Self.set("k1")
            world.set { $0.sets["a"] = set }
            world.advance(10_000)
            _ = try await client.keys(of: "a")
        }
    }

    @Test func `an issuer that is removed takes what was verified with it`() async throws {
        try await withClient { world, client in
            let set = try Self.set("k1")
            world.set { $0.sets["a"] = set }
            let keys = try await client.keys(of: "a")
            let epoch = keys.snapshot.epoch
            world.set { $0.sets["a"] = nil }
            world.advance(120_000)
            await #expect(throws: JWKSError.unknownIssuer) { try await client.keys(of: "a") }
            #expect(!keys.isCurrent(epoch: epoch, now: 1_120_000))
        }
    }

    @Test(
        "an answer that is no key set, or an empty one, changes nothing",
        arguments: [
            "", "{", "[]", "{}", #"{"keys":[]}"#, #"{"keys":[{"kty":"oct","kid":"x","k":"AA"}]}"#, String(repeating: " ", count: 300 * 1024),
        ])
    func garbage(text: String) async throws {
        try await withClient { world, client in
            world.set { $0.sets["a"] = Array(text.utf8) }
            await #expect(throws: JWKSError.unavailable) { try await client.keys(of: "a") }
            let set = try Self.set("k1")
            world.set { $0.sets["a"] = set }
            world.advance(1_000)
            let keys = try await client.keys(of: "a")
            world.set { $0.sets["a"] = Array(text.utf8) }
            world.advance(200_000)
            #expect(try await client.keys(of: "a") === keys)
            #expect(keys.snapshot.keys.contains("k1"))
        }
    }

    @Test(arguments: [false, true])
    func `a flood of made-up issuers is bounded, and issuers that are held are not touched by it`(isOverdue: Bool) async throws {
        var configuration = JWKSConfiguration()
        configuration.maximumPendingFetches = 16
        configuration.maximumUnknownIssuers = 32
        try await withClient(configuration: configuration) { world, client in
            let set = try Self.set("k1")
            world.set { $0.sets["good"] = set }
            let keys = try await client.keys(of: "good")
            world.set { $0.holds = true }
            world.advance(isOverdue ? 120_000 : 0)
            try await withThrowingTaskGroup(of: JWKSError?.self) { group in
                for index in 0..<200 {
                    group.addTask {
                        do throws(JWKSError) { _ = try await client.keys(of: "bad\(index)") } catch { return error }
                        return nil
                    }
                }
                await settle { world.fetchCount >= 9 }
                async let good = client.keys(of: "good")
                if isOverdue { await settle { client.waiting == 9 } } else { #expect(try await good === keys) }
                world.release()
                for try await error in group { #expect(error == .unavailable || error == .unknownIssuer) }
                #expect(try await good === keys)
                #expect(world.state.withLock { $0.fetches.count { $0 == "good" } } == (isOverdue ? 2 : 1))
            }
            #expect(world.fetchCount <= 1 + 200)
        }
    }

    @Test func `a client that has ended answers everybody`() async throws {
        let world = World()
        let client = JWKSClient(now: { 0 }, fetch: world.fetch)
        let running = Task { await client.run() }
        running.cancel()
        await running.value
        await #expect(throws: JWKSError.unavailable) { try await client.keys(of: "a") }
    }
}
