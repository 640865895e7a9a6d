import Contracts
import Files
import HTTP
import Observability
import Synchronization
import Trust

/// What one caller may have of the gateway: so many requests a second, and so many bytes of request bodies at a time.
final class Allowance: Sendable {
    let bodies: BodyBudget
    private let rate: ThrottleRate
    /// When the requests let in so far would have come, had they come evenly; monotonic nanoseconds (the generic cell rate algorithm).
    private let due = Atomic<Int64>(0)

    init(bodies: BodyBudget, rate: ThrottleRate) {
        self.bodies = bodies
        self.rate = rate
    }

    /// Whether one more request is within the rate; counts it if so.
    func admitsRequest(at now: Int64 = Int64(SystemClock.monotonicNanoseconds())) -> Bool {
        guard rate.interval > 0 else { return true }
        var last = due.load(ordering: .relaxed)
        while true {
            let next = max(last, now) + rate.interval
            guard next - now <= rate.window else { return false }
            let (done, found) = due.compareExchange(expected: last, desired: next, ordering: .relaxed)
            if done { return true }
            last = found
        }
    }
}

/// Requests a second, steadily and at once, as API Gateway's throttling has them.
struct ThrottleRate: Sendable {
    /// Nanoseconds from one request to the next; 0 throttles nobody.
    let interval: Int64
    /// How far ahead a burst may be.
    let window: Int64

    init(perSecond: Int, burst: Int) {
        interval = perSecond == 0 ? 0 : 1_000_000_000 / Int64(perSecond)
        window = interval * Int64(max(burst, 1))
    }
}

/// What the callers may have, each for themself, so that nobody's greed is felt by others. Bodies are in memory until they are signed and sent on, so all together
/// are bounded; and those whose word nothing is known of yet have half of it at most.
final class Allowances: Sendable {
    /// Bytes of all bodies, of those of strangers, and of one caller's and one network's.
    static let allBodies = 128 << 20
    static let strangersBodies = allBodies / 2
    static let callersBodies = allBodies / 8
    static let networksBodies = allBodies / 32

    private let everyone = BodyBudget(limit: allBodies)
    private let strangers: BodyBudget
    private let rate: ThrottleRate
    private let known = Mutex(BoundedMap<String, Allowance>(capacity: 20_000))
    private let throttled: Counter

    init(rate: ThrottleRate, metrics: MetricsRegistry) {
        self.rate = rate
        strangers = BodyBudget(limit: Self.strangersBodies, within: everyone)
        throttled = metrics.counter("strongroom_gateway_throttled_total", help: "Requests beyond their caller's rate.")
    }

    /// A user's, whose token was verified.
    func ofUser(_ subject: String, in pool: String) -> Allowance {
        allowance("user \(pool)/\(subject)", Self.callersBodies, within: everyone)
    }

    /// An IAM principal's, whose signature can't be verified before its body is there.
    func ofPrincipal(_ arn: String) -> Allowance { allowance("principal \(arn)", Self.callersBodies, within: strangers) }

    /// A network's, where nobody is named.
    func ofSource(_ address: String) -> Allowance { allowance("source \(NetworkSource(address).key)", Self.networksBodies, within: strangers) }

    /// - Throws: `throttled` beyond the caller's rate.
    func admit(_ caller: Allowance) throws(GatewayError) {
        if caller.admitsRequest() { return }
        throttled.increment()
        throw .throttled
    }

    private func allowance(_ name: String, _ bytes: Int, within budget: BodyBudget) -> Allowance {
        known.withLock { known in
            if let allowance = known.value(for: name) { return allowance }
            let allowance = Allowance(bodies: BodyBudget(limit: bytes, within: budget), rate: rate)
            known.insert(allowance, for: name)
            return allowance
        }
    }
}
