import Contracts
import HTTP
import Observability
import Processes
import Synchronization
import Trust

/// What one caller may have of the gateway: so many requests a second and at a time, and so many bytes of their bodies.
final class Allowance: Sendable {
    /// Requests that may wait for a service at a time: a part of the connections there are, so that others find some.
    private static let concurrency = 256

    let bodies: BodyBudget
    private let rate: ThrottleRate
    /// When the requests let in so far would have come, had they come evenly; monotonic nanoseconds (the generic cell rate algorithm).
    private let due = Atomic<Int64>(0)
    private let waiting = Atomic(0)
    private let throttled: Counter

    init(bodies: BodyBudget, rate: ThrottleRate, throttled: Counter) {
        self.bodies = bodies
        self.rate = rate
        self.throttled = throttled
    }

    /// One more request is sent to a service; ``didSend()`` ends it.
    /// - Throws: `throttled` where too many are under way.
    func willSend() throws(GatewayError) {
        let count = waiting.add(1, ordering: .relaxed).newValue
        guard count <= Self.concurrency || rate.interval == 0 else {
            didSend()
            throw refusal()
        }
    }

    func didSend() { waiting.subtract(1, ordering: .relaxed) }

    /// What the caller is told who wants more than one may have.
    func refusal() -> GatewayError {
        throttled.increment()
        return .throttled
    }

    /// - Throws: `throttled` beyond the rate.
    func admit() throws(GatewayError) {
        guard rate.interval > 0 else { return }
        let now = Int64(SystemClock.monotonicNanoseconds())
        var last = due.load(ordering: .relaxed)
        while true {
            let next = max(last, now) + rate.interval
            guard next - now <= rate.window else { throw refusal() }
            let (done, found) = due.compareExchange(expected: last, desired: next, ordering: .relaxed)
            if done { return }
            last = found
        }
    }
}

/// Requests a second, steadily and at once, as API Gateway's throttling has them.
struct ThrottleRate: Sendable {
    /// Nanoseconds from one request to the next; 0 throttles nobody, however many requests wait at a time.
    let interval: Int64
    /// How far ahead a burst may be.
    let window: Int64

    init(perSecond: Int, burst: Int) {
        interval = perSecond == 0 ? 0 : 1_000_000_000 / Int64(perSecond)
        window = interval * Int64(max(burst, 1))
    }
}

/// What the callers may have, each for themself, so that nobody's greed is felt by others. Bodies are in memory until they are signed and sent on, so they are bounded
/// together, too: those of users whose tokens were verified, those of who has proved nothing yet, and those of calls of the AWS APIs, which begin with signing in,
/// each by themselves.
final class Allowances: Sendable {
    /// Bytes of one caller's bodies: of what is sent to a route, and of calls, which are short.
    private static let routeBodies = 16 << 20
    private static let callBodies = 4 << 20
    /// Of all users of a tenant: half of what there is, so that no tenant's users keep another's from the gateway.
    private static let tenantBodies = 32 << 20

    private let users = BodyBudget(limit: 64 << 20)
    private let unproved = BodyBudget(limit: 32 << 20)
    private let calls = BodyBudget(limit: 32 << 20)
    private let rate: ThrottleRate
    /// Of whom who has proved nothing can push none out, by however many addresses.
    private let proved = Mutex(BoundedMap<Caller, Allowance>(capacity: 20_000))
    private let tenants = Mutex(BoundedMap<String, BodyBudget>(capacity: 20_000))
    private let visiting = Mutex(BoundedMap<Caller, Allowance>(capacity: 20_000))
    private let throttled: Counter

    init(rate: ThrottleRate, metrics: MetricsRegistry) {
        self.rate = rate
        throttled = metrics.counter("strongroom_gateway_throttled_total", help: "Requests of callers who asked for more than one caller may have.")
    }

    private enum Caller: Hashable {
        case user(String, pool: String)
        case principal(String)
        case visitor(network: String)
        case caller(network: String)
    }

    /// A user's, whose token was verified.
    func ofUser(_ subject: String, in pool: String) -> Allowance {
        let tenant = tenants.withLock { $0.value(for: pool) { BodyBudget(limit: Self.tenantBodies, within: users) } }
        return allowance(.user(subject, pool: pool), proved, Self.routeBodies, within: tenant)
    }

    /// An IAM principal's, for its rate: what its bodies take is its network's, since a signature can't be verified before its body is there.
    func ofPrincipal(_ arn: String) -> Allowance { allowance(.principal(arn), proved, Self.callBodies, within: calls) }

    /// That of the network of somebody who has proved nothing yet, on a route.
    func ofVisitor(_ address: String) -> Allowance {
        allowance(.visitor(network: NetworkSource(address).key), visiting, Self.routeBodies, within: unproved)
    }

    /// The same for calls of an AWS API.
    func ofCaller(_ address: String) -> Allowance {
        allowance(.caller(network: NetworkSource(address).key), visiting, Self.callBodies, within: calls)
    }

    private func allowance(
        _ caller: Caller, _ known: borrowing Mutex<BoundedMap<Caller, Allowance>>, _ bytes: Int, within budget: BodyBudget
    ) -> Allowance {
        known.withLock {
            $0.value(for: caller) { Allowance(bodies: BodyBudget(limit: bytes, within: budget), rate: rate, throttled: throttled) }
        }
    }
}
