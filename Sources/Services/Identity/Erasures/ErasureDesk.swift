import Backups
import Bootstrap
import Contracts
import Crypto
import Encodings
import Processes
import Shards
import Synchronization

/// Erases users and pools: enters each in the list, which is the word that counts, then carries it out here. The other services that hold data read the list.
///
/// A crash between the two leaves a line that is pending; `ErasureWork` carries it out.
final class ErasureDesk: Sendable {
    /// Those who hold data of users, and so read the list.
    static let readers: Set<ServiceName> = [.notes, .audit]

    private struct Heard {
        /// Up to where each reader has carried the list out, by its own word since this process began.
        var marks: [ServiceName: UInt64] = [:]
        /// The newest line, when one of them last asked.
        var head: UInt64 = 0
    }

    let index: IdentityIndex
    private let files: PoolFiles
    private let code: HMACSHA256
    private let gate: RestoreGate
    private let board = GenerationBoard()
    private let heard = Mutex(Heard())
    private static let afterEntry = FailPoint("identity.after-erasure-entered")

    init(index: IdentityIndex, files: PoolFiles, master: MasterKey, gate: RestoreGate) {
        self.index = index
        self.files = files
        code = HMACSHA256(key: master.derive("identity/erasures/1"))
        self.gate = gate
    }

    /// Whether users may be let in: not with data of a backup, among which may be what was erased since.
    var isOpen: Bool { gate.isOpen }

    /// Whether all readers have given back what the list may lack. Without a backup, too, it may have been set back by hand, or be begun anew.
    private var isWhole: Bool { heard.withLock { heard in Self.readers.allSatisfy { heard.marks[$0] != nil } } }

    // MARK: Erasing

    func erase(_ user: UUID, of pool: String, _ call: APICall, by principal: String) async throws {
        try await erase(user.description, of: pool, call, by: principal)
    }

    func delete(_ pool: String, _ call: APICall, by principal: String) async throws {
        try await erase(nil, of: pool, call, by: principal)
    }

    private func erase(_ user: String?, of tenant: String, _ call: APICall, by principal: String) async throws {
        let asked = Erasure(number: 0, tenant: tenant, user: user, principal: principal, requestID: call.requestID, time: call.now)
        let erasure = try await index.enter(tenant: tenant, user: user) { [self] number in line(asked, number) }
        board.announce(Int64(erasure.number))
        Self.afterEntry.pass()
        try await carryOut(erasure)
    }

    /// The erasure as the line of that number.
    private func line(_ erasure: Erasure, _ number: UInt64) -> Erasure {
        var line = erasure
        line.number = number
        line.code = code.code(for: line.coded).bytes
        return line
    }

    /// Twice is the same as once.
    private func carryOut(_ erasure: Erasure) async throws {
        if let user = erasure.user.flatMap({ UUID($0) }) {
            // The user may have gone with the pool; one whose file is gone has it done when the file is put back (`PoolFiles`).
            if try await index.pool(erasure.tenant) != nil {
                do { try await files.erase(user, of: erasure.tenant) } catch StoreError.missing {}
            }
        } else {
            try await files.remove(erasure.tenant)
            try await index.scrub()
        }
        try await index.isDone(erasure)
    }

    /// Carries out what a crash, a full disk or a restore has left. One that can't be carried out keeps none of the others waiting.
    /// - Returns: how many there were.
    func carryOutPending() async throws -> Int {
        board.announce(Int64(clamping: try await index.head()))
        var (count, failure): (Int, (any Error)?) = (0, nil)
        var last: UInt64 = 0
        while true {
            let pending = try await index.pendingErasures(after: last, limit: 100)
            guard let newest = pending.last?.number else { break }
            for erasure in pending {
                do { try await carryOut(erasure) } catch { failure = failure ?? error }
            }
            count += pending.count
            last = newest
        }
        if let failure { throw failure }
        if count == 0 { try await openIfWhole() }
        return count
    }

    // MARK: Readers

    func answer(_ request: ErasuresRequest, of reader: ServiceName, unless isDraining: () -> Bool) async throws -> ErasuresResponse {
        let list = try await index.listName()
        // A restored list has a name of its own; one that was set back otherwise is known by the line that it lacks, or has another of.
        guard request.list == list, try await index.code(ofLine: request.after) == request.code else {
            return ErasuresResponse(list: list, isContinued: false, head: try await index.head(), isSettled: false, erasures: [])
        }
        // Nobody can make this service erase what it has not said itself.
        let known = request.known.filter { constantTimeEquals($0.code, code.code(for: $0.coded).bytes) }
        if !known.isEmpty { try await restore(known) }
        var head = try await index.head()
        if !request.hasMore {
            hear(reader, request.after, of: head)
            try await openIfWhole()
        }
        if request.after == head, request.wait > 0 {
            try await board.wait(past: Int64(request.after), atMost: UInt64(request.wait) * 1000, unless: isDraining)
            head = try await index.head()
        }
        // Before the lines are read: what is given back meanwhile is not among them.
        let isSettled = isOpen && isWhole
        let lines = try await index.erasures(after: request.after, limit: ErasuresRequest.maximumErasures)
        return ErasuresResponse(list: list, isContinued: true, head: head, isSettled: isSettled, erasures: lines)
    }

    private func restore(_ known: [Erasure]) async throws {
        try await index.restore(known) { [self] in line($0, $1) }
        board.announce(Int64(clamping: try await index.head()))
    }

    private func hear(_ reader: ServiceName, _ mark: UInt64, of head: UInt64) {
        heard.withLock { heard in
            heard.marks[reader] = mark
            heard.head = max(heard.head, head)
        }
    }

    /// Lines that a reader has not said to have carried out: all of them, until it has been heard since this process began.
    func waiting(for reader: ServiceName) -> UInt64 {
        let newest = UInt64(clamping: board.generation)
        return heard.withLock { heard in
            let mark = heard.marks[reader] ?? 0
            let head = max(heard.head, newest)
            return head - min(head, mark)
        }
    }

    /// A restored list is whole once all readers have given back what it lacked, and carried out once nothing is pending.
    private func openIfWhole() async throws {
        guard !gate.isOpen, isWhole, try await index.pendingErasures(after: 0, limit: 1).isEmpty else { return }
        try gate.open()
    }

    func close() { board.close() }
}
