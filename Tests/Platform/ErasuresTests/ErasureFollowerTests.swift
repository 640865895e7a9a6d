import Backups
import Contracts
import Encodings
import Files
import Observability
import SQLite
import Synchronization
import TestTools
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

    @Test("What can't be carried out is owed: the lines behind it don't wait for it, a restored folder's gate does, and so it is in another process")
    func owed() async throws {
        try await Reader.run { reader in
            try reader.markAsRestored()
            reader.list.add(3)
            reader.fail(at: 2, times: .max)
            let gate = RestoreGate(data: reader.folder)
            try await reader.follow(gate) { $0.head == 3 && reader.list.asked > 10 }
            #expect(reader.carriedOut == [1, 3] && !gate.isOpen)
            let ledger = try ErasureLedger(data: reader.folder)
            #expect(ledger.owed == 1)
            #expect(try await ledger.owedErasures(after: 0, limit: 10).erasures == [reader.list.lines[1]])
            #expect(try await !ledger.isDone(reader.list.lines[1]))
            // Under another list, which the same process reads from its beginning, it is neither lost nor done, nor in anybody's way.
            let isRestored = Atomic(false)
            try await reader.follow(gate) { state in
                guard state.head == 3 else { return false }
                if isRestored.exchange(true, ordering: .relaxed) { return state.list == reader.list.name }
                reader.list.restore(downTo: 1)
                return false
            }
            #expect(Set(reader.list.users) == Set(reader.users(1...3)) && reader.carriedOut == [1, 3] && !gate.isOpen)
            reader.fail(at: 2, times: 0)
            try await reader.follow(gate) { _ in gate.isOpen }
            #expect(reader.carriedOut == [1, 3, 2])
            #expect(try ErasureLedger(data: reader.folder).owed == 0)
        }
    }

    @Test("However much one tenant owes, what another does is tried in its turn")
    func turns() async throws {
        try await Reader.run { reader in
            reader.list.add(350)
            reader.fail(at: nil, times: .max)
            try await reader.follow { $0.head == 350 }
            #expect(try ErasureLedger(data: reader.folder).owed == 350 && reader.carriedOut.isEmpty)
            // All but the newest go on failing.
            reader.fail(except: 350)
            try await reader.follow { _ in reader.carriedOut == [350] }
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
            reader.list.restore(downTo: 7)
            try await reader.follow { $0.list == reader.list.name && $0.head == 450 }
            #expect(reader.list.users == reader.users(1...450))
            #expect(reader.carriedOut == Array(1...450))
        }
    }

    @Test("So is what another list has taken the place of, whose lines have the same numbers: nobody's erasure is passed over, and none is lost")
    func parted() async throws {
        try await Reader.run { reader in
            reader.list.add(3)
            try await reader.follow { $0.head == 3 }
            reader.list.restore(downTo: 1)
            reader.list.add(2)
            try await reader.follow { $0.list == reader.list.name && $0.head == 5 }
            #expect(reader.carriedOut == [1, 2, 3, 4, 5])
            #expect(Set(reader.list.users) == Set(reader.users(1...5)))
        }
    }

    @Test("Also where the list was set back by hand, and has its name still") func setBack() async throws {
        try await Reader.run { reader in
            reader.list.add(3)
            try await reader.follow { $0.head == 3 }
            reader.list.lose(downTo: 2)
            reader.list.add(1)
            try await reader.follow { $0.head == 4 }
            reader.list.lose(downTo: 1)
            try await reader.follow { _ in Set(reader.list.users) == Set(reader.users(1...4)) }
            #expect(reader.carriedOut == [1, 2, 3, 4])
        }
    }

    @Test("And after an identity service that began with nothing was asked in between, also one that takes nothing back") func empty() async throws {
        try await Reader.run { reader in
            reader.list.add(2)
            try await reader.follow { $0.head == 2 }
            for takesBack in [true, false] {
                reader.list.restore(downTo: 0)
                reader.list.takeBack(takesBack)
                let asked = reader.list.asked
                try await reader.follow { $0.list == reader.list.name && reader.list.asked > asked + 3 }
            }
            reader.list.restore(downTo: 0)
            reader.list.takeBack(true)
            try await reader.follow { $0.list == reader.list.name && $0.head == 2 }
            #expect(reader.list.users == reader.users(1...2))
            #expect(reader.carriedOut == [1, 2])
        }
    }

    @Test("What was carried out in a tenant is known by the tenant, whatever list there is") func ofATenant() async throws {
        try await Reader.run { reader in
            reader.list.add(3)
            try await reader.follow { $0.head == 3 }
            reader.list.restore(downTo: 0)
            reader.list.takeBack(false)
            try await reader.follow { $0.list == reader.list.name }
            let ledger = try ErasureLedger(data: reader.folder)
            #expect(try ledger.erasures(in: "us-east-1_Alpha") { _ in true }.compactMap(\.erasure.user) == reader.users(1...3))
            let lacking = reader.users(2...2)
            #expect(try ledger.erasures(in: "us-east-1_Alpha") { lacking.contains($0 ?? "") }.compactMap(\.erasure.user) == lacking)
            #expect(try ledger.erasures(in: "us-east-1_Beta") { _ in true }.isEmpty)
        }
    }

    @Test("A ledger of an earlier release keeps all it has, and gives it back, since it may have parted from the list unnoticed", arguments: [1, 2])
    func earlierRelease(version: Int) async throws {
        try await Reader.run { reader in
            // As they were written, with a line of another list that was taken for this one's, and an erasure that was then asked for again.
            reader.list.add(3)
            let others = PlayedList(counting: 7)
            others.add(1)
            do {
                let file = try Connection(path: "\(reader.folder)/erasures.sqlite", role: .writer)
                try file.execute(
                    """
                    CREATE TABLE list(id INTEGER PRIMARY KEY CHECK(id = 1), name BLOB NOT NULL) STRICT;
                    CREATE TABLE erasure(number INTEGER PRIMARY KEY, line BLOB NOT NULL) STRICT;
                    """)
                try file.run("INSERT INTO list VALUES(1, ?)", .blob(reader.list.name.bytes))
                for (number, line) in [others.lines[0], reader.list.lines[1], others.lines[0]].enumerated() {
                    try file.run("INSERT INTO erasure VALUES(?, ?)", .int(number + 1), .blob(line.encoded))
                }
                if version == 2 {
                    try file.execute(
                        """
                        ALTER TABLE erasure ADD COLUMN tenant TEXT;
                        UPDATE erasure SET tenant = json_extract(CAST(line AS TEXT), '$.tenant');
                        CREATE INDEX erasure_tenant ON erasure(tenant);
                        """)
                }
                try file.setUserVersion(version)
            }
            let ledger = try ErasureLedger(data: reader.folder)
            #expect(try Set(ledger.erasures(in: "us-east-1_Alpha") { _ in true }.compactMap(\.erasure.user)) == ["user-7", "user-2"])
            try await reader.follow { $0.head == 4 }
            #expect(reader.list.users == reader.users(1...3) + ["user-7"])
            #expect(reader.carriedOut == [1, 3])
        }
    }
}

/// A service with a folder, a ledger and something to erase.
private final class Reader: Sendable {
    let folder: String
    let list = PlayedList()
    private struct State {
        /// By the number in the user's name: that of a line is its place in some list.
        var carriedOut: [UInt64] = []
        var failures: (at: UInt64?, times: Int) = (0, 0)
        var exception: UInt64?
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

    /// - Parameter number: in the user's name; nil for all.
    func fail(at number: UInt64?, times: Int) { state.withLock { $0.failures = (number, times) } }

    func fail(except number: UInt64) {
        state.withLock { state in
            state.failures = (nil, .max)
            state.exception = number
        }
    }

    func users(_ numbers: ClosedRange<Int>) -> [String] { numbers.map { "user-\($0)" } }

    func markAsRestored() throws { try File.create("\(folder)/.restored", with: []) }

    /// Runs a follower, as a process of its own would, until `condition` holds.
    func follow(_ gate: RestoreGate? = nil, until condition: @Sendable (ErasureLedger.State) -> Bool) async throws {
        let ledger = try ErasureLedger(data: folder)
        let follower = ErasureFollower(
            ledger: ledger, gate: gate ?? RestoreGate(data: folder), log: Logger(service: "test", buffer: LogBuffer { _ in }, now: { .epoch }),
            pause: .milliseconds(1), ask: { [list] in try list.answer($0) },
            carryOut: { [self] erasure in
                try state.withLock { state in
                    let number = try #require(UInt64(erasure.user?.dropFirst("user-".count) ?? ""))
                    if state.failures.at ?? number == number, state.failures.times > 0, state.exception != number {
                        state.failures.times -= 1
                        throw Failure()
                    }
                    state.carriedOut.append(number)
                }
            })
        let work = Task { await follower.run() }
        try await TestTools.until { try await condition(ledger.state()) }
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
        var takesBack = true
        var asked = 0
        /// The number in the next user's name.
        var next: Int
    }
    private let state: Mutex<State>

    init(counting next: Int = 1) { state = Mutex(State(next: next)) }

    var name: UUID { state.withLock { $0.name } }
    var lines: [Erasure] { state.withLock { $0.lines } }
    var users: [String] { lines.compactMap(\.user) }
    var asked: Int { state.withLock { $0.asked } }

    func add(_ count: Int) {
        state.withLock { state in
            for _ in 0..<count {
                Self.append(
                    Erasure(number: 0, tenant: "us-east-1_Alpha", user: "user-\(state.next)", principal: "", requestID: "", time: .epoch),
                    to: &state.lines)
                state.next += 1
            }
        }
    }

    private static func append(_ erasure: Erasure, to lines: inout [Erasure]) {
        var line = erasure
        line.number = UInt64(lines.count + 1)
        // Not so for the real one, and enough to tell lines apart.
        line.code = Array("\(line.number) \(line.user ?? "")".utf8)
        lines.append(line)
    }

    func settle(_ isSettled: Bool) { state.withLock { $0.isSettled = isSettled } }

    func takeBack(_ takesBack: Bool) { state.withLock { $0.takesBack = takesBack } }

    func lose(downTo count: Int) { state.withLock { $0.lines.removeSubrange(count...) } }

    /// A backup that has so many lines takes its place, under a new name.
    func restore(downTo count: Int) {
        state.withLock { state in
            state.name = UUID(high: state.name.high + 1, low: 1)
            state.lines.removeSubrange(min(count, state.lines.count)...)
        }
    }

    /// Through the wire format both ways.
    func answer(_ request: ErasuresRequest) throws -> ErasuresResponse {
        let request = try ErasuresRequest(request.encoded().span)
        let answer = state.withLock { state in
            state.asked += 1
            let read = state.lines.prefix(Int(clamping: request.after))
            guard request.list == state.name, read.count == request.after, read.last?.code ?? [] == request.code else {
                return ErasuresResponse(
                    list: state.name, isContinued: false, head: UInt64(state.lines.count), isSettled: state.isSettled, erasures: [])
            }
            for line in request.known where state.takesBack && !state.lines.contains(where: { $0.user == line.user }) {
                Self.append(line, to: &state.lines)
            }
            let after = state.lines.dropFirst(read.count).prefix(ErasuresRequest.maximumErasures)
            return ErasuresResponse(
                list: state.name, isContinued: true, head: UInt64(state.lines.count), isSettled: state.isSettled, erasures: Array(after))
        }
        return try ErasuresResponse(answer.encoded().span)
    }
}
