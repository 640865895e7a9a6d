import Bootstrap
import Observability
import Synchronization

/// Follows the authorizer's count of changes by a long poll, so that a role taken away is gone from every cache within a second.
final class PolicyGeneration: BackgroundService {
    let name = "policy generation"
    private let port: AuthorizerPort
    private let now: @Sendable () -> Int64
    private let log: Logger
    private let known = Atomic<UInt64>(0)
    private let confirmed = Atomic<Int64>(.min)
    private let failure = Mutex<Readiness.StaticReason>("the authorizer has not answered yet")

    init(port: AuthorizerPort, log: Logger, now: @escaping @Sendable () -> Int64) {
        self.port = port
        self.log = log
        self.now = now
    }

    /// Grows with every change that was heard of.
    var epoch: UInt64 { known.load(ordering: .acquiring) }

    /// When the authorizer last said that nothing else has changed; monotonic milliseconds.
    var confirmedAt: Int64 { confirmed.load(ordering: .relaxed) }

    /// Why it was last without an answer.
    var lastFailure: Readiness.StaticReason { failure.withLock { $0 } }

    func run() async {
        var last: UInt64 = 0
        var isDown = false
        while !Task.isCancelled {
            do throws(AuthorizerPort.Failure) {
                let generation = try await port.generation(last)
                if generation != last {
                    last = generation
                    known.wrappingAdd(1, ordering: .releasing)
                }
                confirmed.store(now(), ordering: .relaxed)
                if isDown { log.info("The authorizer answers again") }
                isDown = false
            } catch {
                if Task.isCancelled { return }
                if !isDown { log.warning("The authorizer gives no policies: those it gave are used for a short while only", .error(error)) }
                isDown = true
                failure.withLock { $0 = Self.reason(error) }
                // Ends early, by throwing, when the task is cancelled; then the loop ends too.
                try? await Task.sleep(for: .milliseconds(500))
            }
        }
    }

    private static func reason(_ error: AuthorizerPort.Failure) -> Readiness.StaticReason {
        switch error {
        case .noCredentials: "there is no access key for calls to the authorizer; the log says where it was looked for"
        case .refused(403): "the authorizer refuses the gateway's access key"
        case .refused, .unavailable, .malformed, .tooMany: "the authorizer does not answer"
        }
    }
}
