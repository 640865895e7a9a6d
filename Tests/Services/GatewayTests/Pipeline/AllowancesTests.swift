import HTTP
import Observability
import Synchronization
import TestTools
import Testing

@testable import Gateway

@Suite struct AllowancesTests {
    /// Or a user who is over their rate would have a new one.
    @Test func `strangers from however many networks take nobody's rate away`() {
        let allowances = Allowances(rate: ThrottleRate(perSecond: 1, burst: 1), metrics: MetricsRegistry())
        let (user, principal) = (allowances.ofUser("ada", in: "pool"), allowances.ofPrincipal("arn:aws:iam::000000000000:user/u"))
        for network in 0..<25_000 {
            _ = allowances.ofVisitor("2001:db8:\(String(network, radix: 16))::1")
            _ = allowances.ofCaller("2001:db8:\(String(network, radix: 16))::1")
        }
        #expect(allowances.ofUser("ada", in: "pool") === user)
        #expect(allowances.ofPrincipal("arn:aws:iam::000000000000:user/u") === principal)
        #expect(allowances.ofUser("ada", in: "another") !== user)
    }

    /// Or one of them alone would have all connections to a service.
    @Test func `of one network's requests to an open route 256 wait at a time`() async throws {
        final class Held: Sendable { let isOver = Atomic(false), refused = Atomic(0), served = Atomic(0) }
        try await World.run { world in
            let held = Held()
            world.notes.set { _ in
                while !held.isOver.load(ordering: .relaxed) { try await Task.sleep(for: .milliseconds(10)) }
                return Response.json(Array("{}".utf8))
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                // However it ends, the group waits for its tasks.
                defer { held.isOver.store(true, ordering: .relaxed) }
                for _ in 0..<300 {
                    group.addTask {
                        let status = try await world.get("/open/1").status
                        #expect(status == 200 || status == 429)
                        if status == 429 { held.refused.add(1, ordering: .relaxed) } else { held.served.add(1, ordering: .relaxed) }
                    }
                }
                try await until { held.refused.load(ordering: .relaxed) == 44 }
                held.isOver.store(true, ordering: .relaxed)
                try await group.waitForAll()
            }
            #expect(held.served.load(ordering: .relaxed) == 256 && held.refused.load(ordering: .relaxed) == 44)
            #expect(try await world.get("/open/1").status == 200)
        }
    }
}
