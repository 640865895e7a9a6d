public import Backups
public import Bootstrap
public import Contracts
public import Observability

/// Reads the cluster's list of erasures from the identity service, line by line, and has each carried out before it is entered as done.
///
/// What was interrupted is carried out again, so carrying out twice must be the same as once. What fails again and again, as in a file that is damaged, is
/// owed: the lines behind it don't wait for it, and it is tried between them until it is done. Where the list is another than the one that was read, or has
/// parted from it, it is read from its beginning, and all that was carried out is given back: nothing is lost that anybody knows. A restored service begins
/// where its backup was, and opens its gate at the end of the list, once that is whole and nothing is owed.
public struct ErasureFollower: BackgroundService {
    public typealias Ask = @Sendable (ErasuresRequest) async throws -> ErasuresResponse
    /// Durable when it returns.
    public typealias CarryOut = @Sendable (Erasure) async throws -> Void

    public let name = "erasures"
    private let ledger: ErasureLedger
    private let gate: RestoreGate
    private let ask: Ask
    private let carryOut: CarryOut
    private let log: Logger
    /// Between two tries of what failed, or is not complete yet.
    private let pause: Duration
    /// So often one is tried before it is owed: a full disk, or one that many write to, is often only so for a moment.
    private static let tries = 5

    /// Since this process began, or the list did.
    private struct Progress {
        /// Up to where what was not read in the list has been given back to it.
        var givenBack: Int64 = 0
        /// The line that failed last, and how often it did.
        var failed: (number: UInt64, times: Int) = (0, 0)
        /// Behind which of what is owed the next is tried, and when.
        var owedPlace: Int64 = 0
        var nextRound = ContinuousClock.now
        /// Tenants of whom something is owed, and was said to be.
        var told: Set<String> = []
    }

    public init(
        ledger: ErasureLedger, gate: RestoreGate, log: Logger, pause: Duration = .milliseconds(300), ask: @escaping Ask,
        carryOut: @escaping CarryOut
    ) {
        self.ledger = ledger
        self.gate = gate
        self.log = log
        self.pause = pause
        self.ask = ask
        self.carryOut = carryOut
    }

    public func run() async {
        var isDown = false
        var progress = Progress()
        while !Task.isCancelled {
            do {
                let isProgress = try await turn(&progress)
                if isDown { log.info("The list of erasures is followed again") }
                isDown = false
                if isProgress { continue }
            } catch {
                if Task.isCancelled { return }
                if !isDown { log.warning("The list of erasures can't be followed", .error(error)) }
                isDown = true
            }
            // Ends early, by throwing, when the task is cancelled; then the loop ends too.
            try? await Task.sleep(for: pause)
        }
    }

    /// One question and what follows from its answer.
    /// - Returns: whether there may be more at once.
    private func turn(_ progress: inout Progress) async throws -> Bool {
        try await carryOutOwed(&progress)
        var state = try await ledger.state()
        let unread = try await ledger.unread(after: progress.givenBack, limit: ErasuresRequest.maximumErasures)
        let hasMore = unread.erasures.count == ErasuresRequest.maximumErasures
        let request = ErasuresRequest(
            list: state.list, after: state.head, code: state.code, wait: gate.isOpen && !hasMore ? ErasuresRequest.maximumWait : 0,
            known: unread.erasures, hasMore: hasMore)
        let answer: ErasuresResponse
        do { answer = try await ask(request) } catch {
            // Whoever answers next may have lost it.
            progress.givenBack = 0
            throw error
        }
        guard answer.isContinued else {
            if state.list != nil {
                log.warning("The identity service has another list of erasures, or its list was set back: it is given back what was erased here")
            }
            try await ledger.begin(answer.list)
            progress = Progress()
            return true
        }
        progress.givenBack = unread.end
        for erasure in answer.erasures {
            guard erasure.number == state.head + 1 else { throw ErasureError.outOfOrder(erasure.number) }
            let isDone = try await ledger.isDone(erasure)
            try await ledger.append(erasure, isOwed: isDone ? false : try await !carriesOut(erasure, &progress))
            state.head = erasure.number
        }
        if !gate.isOpen, answer.isSettled, !hasMore, answer.head == state.head, ledger.owed == 0 {
            try gate.open()
            log.info("What is known to have been erased since the backup is erased again: the restored data are served")
        }
        return hasMore || !answer.erasures.isEmpty
    }

    /// - Returns: false where it failed so often that it is owed, or as another of its tenant's did.
    /// - Throws: what it failed for, where it is to be tried again first.
    private func carriesOut(_ erasure: Erasure, _ progress: inout Progress) async throws -> Bool {
        do {
            try await erase(erasure)
        } catch {
            progress.failed = (erasure.number, progress.failed.number == erasure.number ? progress.failed.times + 1 : 1)
            let owesMore = try await ledger.owes(erasure.tenant)
            guard owesMore || progress.failed.times >= Self.tries, !Task.isCancelled else { throw error }
            tell(erasure, error, &progress)
            return false
        }
        return true
    }

    private func erase(_ erasure: Erasure) async throws {
        try await carryOut(erasure)
        log.info("Erased", .tenant(erasure.tenant), .user(erasure.user ?? ""))
    }

    /// Tries some of what is owed, and each of it in its turn.
    private func carryOutOwed(_ progress: inout Progress) async throws {
        guard ledger.owed > 0, ContinuousClock.now >= progress.nextRound else { return }
        let owed = try await ledger.owedErasures(after: progress.owedPlace, limit: 100)
        progress.owedPlace = owed.erasures.count == 100 ? owed.end : 0
        for erasure in owed.erasures {
            do { try await erase(erasure) } catch {
                tell(erasure, error, &progress)
                continue
            }
            try await ledger.settle(erasure)
        }
        progress.nextRound = ContinuousClock.now + pause * 10
    }

    /// Once for each tenant.
    private func tell(_ erasure: Erasure, _ error: any Error, _ progress: inout Progress) {
        guard progress.told.insert(erasure.tenant).inserted, !Task.isCancelled else { return }
        log.error("An erasure can't be carried out, and is tried again until it can", .tenant(erasure.tenant), .error(error))
    }
}

/// Why a list could not be followed.
enum ErasureError: Error, Equatable {
    /// The answer has another line than the one that was asked for.
    case outOfOrder(UInt64)
    case malformed(MessageError)
}

extension ErasureLedger {
    /// Why a restored service shows nothing yet.
    public nonisolated var whatIsAwaited: Readiness {
        owed == 0
            ? .notReady("what was erased since the backup is not erased again yet: identity, notes and audit have not all been heard")
            : .notReady("what was erased since the backup can't be erased again in a file that the log names: put it right, or move it away")
    }

    /// Has what is owed among a service's metrics.
    public nonisolated func count(in registry: MetricsRegistry) {
        registry.gauge("strongroom_erasures_owed", help: "Erasures that were tried and could not be carried out yet. Any is a reason for an alarm.") {
            Double(self.owed)
        }
    }
}
