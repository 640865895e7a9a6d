import Backups
import Contracts
import Encodings
import Files
import Observability
import SQLite
import Synchronization
import Testing

@testable import Erasures

@Suite("Following the list of erasures")
struct ErasureFollowerTests {
    @Test("Each line is carried out in its place, and once, whatever fails in between") func inOrder() async throws {
        try await Reader.run { reader in
            reader.list.add(3)
            reader.fail(at: 2, times: 2)
            try await reader.follow { $0.head == 3 }
            #expect(reader.carriedOut == [1, 2, 3])
            reader.list.add(1)
            // Another process, with the same folder.
            try await reader.follow { $0.head == 4 }
            #expect(reader.carriedOut == [1, 2, 3, 4])
        }
    }

    @Test("A restored folder stays closed until the whole list has been carried out on it") func restored() async throws {
        try await Reader.run { reader in
            reader.list.add(2)
            try await reader.follow { $0.head == 2 }
            try reader.markAsRestored()
            reader.list.add(2)
            reader.fail(at: 4, times: 1)
            let gate = RestoreGate(data: reader.folder)
            #expect(!gate.isOpen)
            try await reader.follow(gate) { _ in gate.isOpen }
            #expect(reader.carriedOut == [1, 2, 3, 4])
            #expect(RestoreGate(data: reader.folder).isOpen)
        }
    }

    @Test("It also stays closed while the list itself is not whole") func unsettled() async throws {
        try await Reader.run { reader in
            try reader.markAsRestored()
            reader.list.add(1)
            reader.list.settle(false)
            let gate = RestoreGate(data: reader.folder)
            try await reader.follow(gate) { $0.head == 1 && reader.list.asked > 5 }
            #expect(!gate.isOpen)
            reader.list.settle(true)
            try await reader.follow(gate) { _ in gate.isOpen }
        }
    }

    @Test("What an identity service restored from a backup lacks is given back to it, and nothing is carried out twice") func givenBack() async throws
    {
        try await Reader.run { reader in
            reader.list.add(450)
            try await reader.follow { $0.head == 450 }
            reader.list.lose(downTo: 7)
            try await reader.follow { _ in reader.list.head == 450 }
            #expect(reader.carriedOut == Array(1...450))
        }
    }

    @Test("What was carried out in a tenant is known by the tenant, also of a ledger of before there was a column for it") func ofATenant()
        async throws
    {
        try await Reader.run { reader in
            reader.list.add(3)
            try await reader.follow { $0.head == 3 }
            for _ in 0..<2 {
                let ledger = try ErasureLedger(data: reader.folder)
                #expect(try ledger.erasures(in: "us-east-1_Alpha").map(\.number).sorted() == [1, 2, 3])
                #expect(try ledger.erasures(in: "us-east-1_Beta").isEmpty)
                let file = try Connection(path: "\(reader.folder)/erasures.sqlite", role: .writer)
                for step in ["DROP INDEX erasure_tenant", "ALTER TABLE erasure DROP COLUMN tenant", "PRAGMA user_version = 1"] {
                    try file.execute(step)
                }
            }
        }
    }

    @Test("Another list is read from its beginning") func anotherList() async throws {
        try await Reader.run { reader in
            reader.list.add(2)
            try await reader.follow { $0.head == 2 }
            reader.list.replace()
            reader.list.add(1)
            try await reader.follow { $0.list == reader.list.name && $0.head == 1 }
            #expect(reader.carriedOut == [1, 2, 1])
        }
    }
}

/// A service with a folder, a ledger and something to erase.
private final class Reader: Sendable {
    let folder: String
    let list = PlayedList()
    private struct State {
        var carriedOut: [UInt64] = []
        var failures: (at: UInt64, times: Int) = (0, 0)
    }
    private let state = Mutex(State())
    private struct Failure: Error {}

    private init() throws { folder = try Directory.temporary(prefix: "erasures-") }

    static func run(_ body: (Reader) async throws -> Void) async throws {
        let reader = try Reader()
        let result: Result<Void, any Error>
        do { result = .success(try await body(reader)) } catch { result = .failure(error) }
        try Directory.removeTree(reader.folder)
        try result.get()
    }

    var carriedOut: [UInt64] { state.withLock { $0.carriedOut } }

    func fail(at number: UInt64, times: Int) { state.withLock { $0.failures = (number, times) } }

    func markAsRestored() throws { try File.create("\(folder)/.restored", with: []) }

    /// Runs a follower, as a process of its own would, until `condition` holds.
    func follow(_ gate: RestoreGate? = nil, until condition: @Sendable (ErasureLedger.State) -> Bool) async throws {
        let ledger = try ErasureLedger(data: folder)
        let follower = ErasureFollower(
            ledger: ledger, gate: gate ?? RestoreGate(data: folder), log: Logger(service: "test", buffer: LogBuffer { _ in }, now: { .epoch }),
            pause: .milliseconds(1), ask: { [list] in try list.answer($0) },
            carryOut: { [self] erasure in
                try state.withLock { state in
                    if state.failures.at == erasure.number, state.failures.times > 0 {
                        state.failures.times -= 1
                        throw Failure()
                    }
                    state.carriedOut.append(erasure.number)
                }
            })
        let work = Task { await follower.run() }
        while try await !condition(ledger.state()) { try await Task.sleep(for: .milliseconds(1)) }
        work.cancel()
        await work.value
    }
}

/// The identity service's side.
private final class PlayedList: Sendable {
    private struct State {
        var name = UUID(high: 1, low: 1)
        var lines: [Erasure] = []
        var isSettled = true
        var asked = 0
    }
    private let state = Mutex(State())

    var name: UUID { state.withLock { $0.name } }
    var head: UInt64 { state.withLock { UInt64($0.lines.count) } }
    var asked: Int { state.withLock { $0.asked } }

    func add(_ count: Int) {
        state.withLock { state in
            for _ in 0..<count {
                let number = UInt64(state.lines.count + 1)
                state.lines.append(
                    Erasure(
                        number: number, tenant: "us-east-1_Alpha", user: "user-\(number)", principal: "", requestID: "", time: .epoch,
                        code: [UInt8(truncatingIfNeeded: number)]))
            }
        }
    }

    func settle(_ isSettled: Bool) { state.withLock { $0.isSettled = isSettled } }

    func lose(downTo count: Int) { state.withLock { $0.lines.removeSubrange(count...) } }

    func replace() {
        state.withLock { state in
            state.name = UUID(high: 2, low: 2)
            state.lines = []
        }
    }

    /// Through the wire format both ways.
    func answer(_ request: ErasuresRequest) throws -> ErasuresResponse {
        let request = try ErasuresRequest(request.encoded().span)
        let answer = state.withLock { state in
            state.asked += 1
            guard request.list == state.name else {
                return ErasuresResponse(list: state.name, head: UInt64(state.lines.count), isSettled: state.isSettled, erasures: [])
            }
            for line in request.known where line.number == state.lines.count + 1 { state.lines.append(line) }
            let after = state.lines.dropFirst(Int(clamping: request.after)).prefix(ErasuresRequest.maximumErasures)
            return ErasuresResponse(list: state.name, head: UInt64(state.lines.count), isSettled: state.isSettled, erasures: Array(after))
        }
        return try ErasuresResponse(answer.encoded().span)
    }
}
