import Bootstrap
import Contracts
import Encodings
import EventLog
import Files
import Shards
import Synchronization
import Testing

@testable import Notes
import Observability

/// A notes storage in a folder of its own, with a clock the test moves.
final class NotesFixture: Sendable {
    let folder: String
    let clock = TestClock()
    let feed = CommitFeed()
    /// Files that were found set back when they were opened, and those that were found missing.
    let (setBack, missing) = (Found<ShardID>(), Found<ShardID>())
    /// What was erased before.
    let erased = Found<Erasure>()
    let store: NoteStore
    private let makeStorage: @Sendable () throws -> NoteStorage
    private let current: Mutex<NoteStorage>

    private init(limits: NoteLimits, settings: ShardSettings) throws {
        let folder = try Directory.temporary(prefix: "notes-")
        let (clock, feed, setBack, missing, erased) = (clock, feed, setBack, missing, erased)
        let master = try #require(MasterKey([UInt8](repeating: 3, count: 32)))
        let store = NoteStore(
            master: master, signer: EventSigner(source: .notes, keyID: "k1", key: [UInt8](repeating: 5, count: 32)), limits: limits,
            witnesses: try OutboxWitnesses(in: folder), now: { clock.now }, committed: { feed.send($0) },
            erasures: { tenant, isLacking in try erased.all.filter { try $0.tenant == tenant.text && isLacking($0.user) }.map { ($0, false) } },
            setBack: { setBack.add($0) }, missing: { missing.add($0) })
        makeStorage = {
            NoteStorage(
                shards: try ShardSet(
                    folder: try DataFolder(folder), store: store, master: master, settings: settings, metrics: ShardMetrics(MetricsRegistry()),
                    makeKeyID: store.makeID)
            )
        }
        current = Mutex(try makeStorage())
        self.store = store
        self.folder = folder
    }

    static func run(
        limits: NoteLimits = NoteLimits(), settings: ShardSettings = ShardSettings(name: "notes"),
        _ body: (NotesFixture) async throws -> Void
    ) async throws {
        let fixture = try NotesFixture(limits: limits, settings: settings)
        let result: Result<Void, any Error>
        do { result = .success(try await body(fixture)) } catch { result = .failure(error) }
        await fixture.storage.shards.close()
        try Directory.removeTree(fixture.folder)
        try result.get()
    }

    var storage: NoteStorage { current.withLock { $0 } }

    /// Ends the "process" and starts another in the same folder; `meanwhile` has the files to itself.
    func restart(_ meanwhile: () throws -> Void = {}) async throws {
        await storage.shards.close()
        try meanwhile()
        let next = try makeStorage()
        current.withLock { $0 = next }
    }

    /// The events of a tenant's shards, in each stream's order, as the audit service would read them.
    func events(of tenant: String) async throws -> [Event] {
        let source = NotesSource(shards: storage.shards)
        let verifier = EventVerifier(keys: [(source: ServiceName.notes, keyID: "k1", key: [UInt8](repeating: 5, count: 32))])
        var events: [Event] = []
        for head in try await source.streams(tenant: tenant, after: nil, limit: 1000).streams {
            for committed in try await source.events(of: head.stream, from: 1, to: max(1, head.head), count: 1000, bytes: 1 << 20) {
                events.append(try Event(try verifier.verify(committed.envelope).event.span))
            }
        }
        return events
    }
}

/// A list that callbacks of the storage fill, or the test.
final class Found<Element: Sendable>: Sendable {
    private let found = Mutex<[Element]>([])

    var all: [Element] { found.withLock { $0 } }

    func add(_ element: Element) { found.withLock { $0.append(element) } }
}

final class TestClock: Sendable {
    private let time = Mutex(Timestamp(microseconds: 1_777_024_800_123_456))

    /// Each look moves it on by a microsecond.
    var now: Timestamp {
        time.withLock { time in
            time = time.adding(microseconds: 1)
            return time
        }
    }

    func advance(seconds: Int64) { time.withLock { $0 = $0.adding(seconds: seconds) } }
}

extension NoteOwner {
    static func user(_ name: String, of tenant: String = "us-east-1_Alpha") throws -> NoteOwner {
        try NoteOwner(CallerIdentity(method: .jwt, subject: name, tenant: tenant, username: "name of \(name)"))
    }
}

extension WriteRequest {
    static func by(_ owner: NoteOwner) -> WriteRequest {
        WriteRequest(owner: owner, requestID: "request", sourceAddress: "192.0.2.1", traceparent: "", tracestate: "")
    }
}

extension NoteDraft {
    init(_ title: String, _ content: String = "") { self.init(title: Array(title.utf8), content: Array(content.utf8)) }
}

extension NoteStorage {
    /// Creates a note and hands it back.
    func make(_ title: String, _ content: String = "", by owner: NoteOwner) async throws -> Note {
        guard case .created(let note, _) = try await create(NoteDraft(title, content), key: nil, body: [], .by(owner)) else {
            throw NotesError.failed("not created")
        }
        return note
    }
}

extension NoteStorage {
    /// A page as it is read.
    func notes(of owner: NoteOwner, after: UUID?, limit: Int) async throws(NotesError) -> NotePage {
        try await page(of: owner, after: after, limit: limit) { $0 }
    }
}

extension ShardSettings {
    /// All users of a tenant in one file.
    static var oneShard: ShardSettings {
        var settings = ShardSettings(name: "notes")
        settings.shardsPerTenant = 1
        return settings
    }
}
