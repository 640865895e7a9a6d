public import Backups
public import Bootstrap
public import Contracts
public import Observability

/// Reads the cluster's list of erasures from the identity service, line by line, and has each carried out before it is entered as done.
///
/// What was interrupted is carried out again, so carrying out twice must be the same as once. Where the list is another than the one that was read, or has
/// parted from it, it is read from its beginning, and all that was carried out is given back: nothing is lost that anybody knows. A restored service begins
/// where its backup was, and opens its gate at the end of the list, once that is whole.
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
        // Up to where what was not read in the list has been given back to it, since this process began or the list did.
        var givenBack: Int64 = 0
        while !Task.isCancelled {
            do {
                let isProgress = try await turn(&givenBack)
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
    private func turn(_ givenBack: inout Int64) async throws -> Bool {
        var state = try await ledger.state()
        let unread = try await ledger.unread(after: givenBack, limit: ErasuresRequest.maximumErasures)
        let hasMore = unread.erasures.count == ErasuresRequest.maximumErasures
        let request = ErasuresRequest(
            list: state.list, after: state.head, code: state.code, wait: gate.isOpen && !hasMore ? ErasuresRequest.maximumWait : 0,
            known: unread.erasures, hasMore: hasMore)
        let answer: ErasuresResponse
        do { answer = try await ask(request) } catch {
            // Whoever answers next may have lost it.
            givenBack = 0
            throw error
        }
        guard answer.isContinued else {
            if state.list != nil {
                log.warning("The identity service has another list of erasures, or its list was set back: it is given back what was erased here")
            }
            try await ledger.begin(answer.list)
            givenBack = 0
            return true
        }
        givenBack = unread.end
        for erasure in answer.erasures {
            guard erasure.number == state.head + 1 else { throw ErasureError.outOfOrder(erasure.number) }
            if try await !ledger.isDone(erasure) {
                try await carryOut(erasure)
                log.info("Erased", .tenant(erasure.tenant), .user(erasure.user ?? ""))
            }
            try await ledger.append(erasure)
            state.head = erasure.number
        }
        if !gate.isOpen, answer.isSettled, !hasMore, answer.head == state.head {
            try gate.open()
            log.info("What is known to have been erased since the backup is erased again: the restored data are served")
        }
        return hasMore || !answer.erasures.isEmpty
    }
}

/// Why a list could not be followed.
enum ErasureError: Error, Equatable {
    /// The answer has another line than the one that was asked for.
    case outOfOrder(UInt64)
    case malformed(MessageError)
}
