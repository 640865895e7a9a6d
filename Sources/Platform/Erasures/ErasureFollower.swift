public import Backups
public import Bootstrap
public import Contracts
public import Observability

/// Reads the cluster's list of erasures from the identity service, line by line, and has each carried out before it is entered as done.
///
/// What was interrupted is carried out again, so carrying out twice must be the same as once. A restored service begins where its backup was, and opens its
/// gate at the end of the list.
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
        var known: [Erasure] = []
        while !Task.isCancelled {
            do {
                let turn = try await turn(givingBack: known)
                if isDown { log.info("The list of erasures is followed again") }
                isDown = false
                known = turn.lacking
                if turn.isProgress { continue }
            } catch {
                if Task.isCancelled { return }
                if !isDown { log.warning("The list of erasures can't be followed", .error(error)) }
                isDown = true
                known = []
            }
            // Ends early, by throwing, when the task is cancelled; then the loop ends too.
            try? await Task.sleep(for: pause)
        }
    }

    private struct Turn {
        /// What the identity service was found to lack.
        var lacking: [Erasure] = []
        /// Whether there may be more at once.
        var isProgress = true
    }

    /// One question and what follows from its answer.
    private func turn(givingBack known: [Erasure]) async throws -> Turn {
        var state = try await ledger.state()
        let wait = gate.isOpen ? ErasuresRequest.maximumWait : 0
        let answer = try await ask(ErasuresRequest(list: state.list, after: state.head, wait: wait, known: known))
        guard answer.list == state.list else {
            try await ledger.begin(answer.list)
            return Turn()
        }
        if answer.head < state.head {
            if known.isEmpty { log.warning("The identity service lacks erasures that were made", .count(Int(clamping: state.head - answer.head))) }
            let lacking = try await ledger.erasures(after: answer.head, limit: ErasuresRequest.maximumErasures)
            // What it was given a moment ago it may not have taken.
            return Turn(lacking: lacking, isProgress: known.isEmpty)
        }
        for erasure in answer.erasures {
            guard erasure.number == state.head + 1 else { throw ErasureError.outOfOrder(erasure.number) }
            try await carryOut(erasure)
            try await ledger.append(erasure)
            state.head = erasure.number
            log.info("Erased", .tenant(erasure.tenant), .user(erasure.user ?? ""))
        }
        if !gate.isOpen, answer.isSettled, answer.head == state.head {
            try gate.open()
            log.info("Everything erased since the backup has been erased again: the restored data are served")
        }
        return Turn(isProgress: !answer.erasures.isEmpty)
    }
}

/// Why a list could not be followed.
enum ErasureError: Error, Equatable {
    /// The answer has another line than the one that was asked for.
    case outOfOrder(UInt64)
    case malformed(MessageError)
}
