import Observability
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
}
