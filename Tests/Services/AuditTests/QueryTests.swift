import Contracts
import Encodings
import EventLog
import Files
import JSON
import SQLite
import Shards
import Testing

@testable import Audit

/// What queries find.
struct QueryTests {
    private static func fill(_ log: TestLog, count: Int) async throws {
        var streams = [EventStream(shard: 0, epoch: 1), EventStream(shard: 1, epoch: 2)]
        var events: [[UInt8]] = []
        for index in 0..<count {
            events.append(
                try streams[index % 2].next(
                    user: index % 2 == 0 ? "ada" : "grace", note: index % 7 == 0 ? nil : index % 7,
                    action: index % 5 == 0 ? EventAction.deleteNote : EventAction.createNote, outcome: index % 11 == 0 ? .refused : .accepted,
                    at: index, source: "192.0.2.\(index % 3)"))
        }
        _ = try await log.store(events)
    }

    private static func leaves(_ log: TestLog, _ query: EventQuery) async throws -> [Int] {
        try await log.all(query).compactMap { $0["leaf"]?.int.map { Int($0) } }
    }

    @Test func `each filter finds what it names, and all of them together`() async throws {
        try await TestLog.run { (log: TestLog) async throws in
            let count = 700
            try await Self.fill(log, count: count)
            let all = Array(0..<count)
            let cases: [(EventFilter, (Int) -> Bool)] = [
                (EventFilter(), { _ in true }),
                (EventFilter(user: "ada"), { $0 % 2 == 0 }),
                (EventFilter(user: "nobody"), { _ in false }),
                (EventFilter(note: EventStream.note(3).description), { $0 % 7 == 3 }),
                (EventFilter(note: "no such note"), { _ in false }),
                (EventFilter(action: EventAction.deleteNote), { $0 % 5 == 0 }),
                (EventFilter(action: "nothing"), { _ in false }),
                (EventFilter(outcome: .refused), { $0 % 11 == 0 }),
                (EventFilter(outcome: .accepted), { $0 % 11 != 0 }),
                (EventFilter(sourceAddress: "192.0.2.2"), { $0 % 3 == 2 }),
                (EventFilter(from: EventStream.time(100), to: EventStream.time(400)), { (100..<400).contains($0) }),
                (EventFilter(from: EventStream.time(650)), { $0 >= 650 }),
                (EventFilter(to: EventStream.time(3)), { $0 < 3 }),
                (EventFilter(from: EventStream.time(5000)), { _ in false }),
                (
                    EventFilter(
                        user: "ada", note: EventStream.note(4).description, action: EventAction.createNote, outcome: .accepted,
                        sourceAddress: "192.0.2.1", from: EventStream.time(50), to: EventStream.time(600)),
                    { $0 % 2 == 0 && $0 % 7 == 4 && $0 % 5 != 0 && $0 % 11 != 0 && $0 % 3 == 1 && (50..<600).contains($0) }
                ),
            ]
            for (filter, matches) in cases {
                let expected = all.filter(matches)
                #expect(try await Self.leaves(log, EventQuery(filter, order: .oldest, limit: 97)) == expected, "\(filter)")
                #expect(try await Self.leaves(log, EventQuery(filter, order: .newest, limit: 1000)) == expected.reversed(), "\(filter)")
            }
        }
    }

    @Test func `every page size shows the same events`() async throws {
        var limits = PageLimits()
        limits.turnRows = 5
        limits.queryRows = 12
        try await TestLog.run(limits: limits) { (log: TestLog) async throws in
            try await Self.fill(log, count: 40)
            for filter in [EventFilter(), EventFilter(user: "grace"), EventFilter(sourceAddress: "192.0.2.1"), EventFilter(outcome: .refused)] {
                for order in EventOrder.allCases {
                    let whole = try await Self.leaves(log, EventQuery(filter, order: order, limit: 1000))
                    for size in 1...41 {
                        #expect(try await Self.leaves(log, EventQuery(filter, order: order, limit: size)) == whole, "\(filter) \(order) \(size)")
                    }
                }
            }
        }
    }

    @Test func `a page is complete exactly when nothing that matches lies beyond it`() async throws {
        try await TestLog.run { (log: TestLog) async throws in
            var stream = EventStream()
            _ = try await log.store(try (0..<6).map { try stream.next(user: $0 < 4 ? "ada" : "grace") })
            for (limit, complete) in [(3, false), (4, true), (5, true)] {
                #expect(try await log.page(EventQuery(EventFilter(user: "ada"), order: .oldest, limit: limit)).page.isComplete == complete)
            }
            #expect(try await log.page(EventQuery(order: .newest, limit: 6)).page.isComplete)
            #expect(try await log.page(EventQuery(order: .newest, limit: 5)).page.isComplete == false)
        }
    }

    @Test(arguments: 0..<4) func `an event of the largest size is shown wherever it stands`(place: Int) async throws {
        try await TestLog.run { (log: TestLog) async throws in
            var stream = EventStream()
            let large = [UInt8](repeating: 0x22, count: EventLimits.maximumBytes - 1024)
            _ = try await log.store(try (0..<4).map { try stream.next(type: "strongroom.large.v1", data: $0 == place ? large : [1]) })
            for bytes in [1, 1000, 80_000, 200_000] {
                var limits = PageLimits()
                limits.pageBytes = bytes
                let small = AuditLog(shards: log.log.shards, limits: limits)
                for size in 1...5 {
                    var (query, leaves) = (EventQuery(order: .oldest, limit: size), [Int64?]())
                    while true {
                        let page = try await small.page(query, of: TestLog.tenant)
                        leaves += try JSONEvents.parse(page).map { $0["leaf"]?.int }
                        #expect(page.count > 0 && (page.count == 1 || page.json.count <= bytes))
                        if page.isComplete { break }
                        query.after = page.next
                    }
                    #expect(leaves == [0, 1, 2, 3], "\(bytes) \(size)")
                }
            }
        }
    }

    @Test func `events that came late are found by their time`() async throws {
        try await TestLog.run { (log: TestLog) async throws in
            var stream = EventStream()
            var late = EventStream(shard: 1, epoch: 2)
            _ = try await log.store(try (0..<600).map { try stream.next(at: $0) })
            _ = try await log.store([try late.next(at: 5)])
            let found = try await log.all(EventQuery(EventFilter(from: EventStream.time(5), to: EventStream.time(6))))
            #expect(found.map { $0["leaf"]?.int } == [5, 600])
        }
    }

    @Test func `pages stay where they were while the log grows`() async throws {
        try await TestLog.run { (log: TestLog) async throws in
            var stream = EventStream()
            _ = try await log.store(try (0..<6).map { _ in try stream.next() })
            let (first, page) = try await log.page(EventQuery(order: .newest, limit: 3))
            _ = try await log.store(try (0..<6).map { _ in try stream.next() })
            var query = EventQuery(order: .newest, limit: 3)
            query.after = page.next
            let second = try await log.page(query).events
            #expect((first + second).map { $0["leaf"]?.int } == [5, 4, 3, 2, 1, 0])
        }
    }

    @Test(arguments: EventOrder.allCases) func `pages end where the log ended when their query began`(order: EventOrder) async throws {
        try await TestLog.run { (log: TestLog) async throws in
            var stream = EventStream()
            _ = try await log.store(try (0..<4).map { _ in try stream.next() })
            var (query, leaves) = (EventQuery(order: order, limit: 2), [Int64?]())
            // One event more for each page, as a query of the service leaves one.
            for _ in 0..<4 {
                let (events, page) = try await log.page(query)
                leaves += events.map { $0["leaf"]?.int }
                _ = try await log.store([try stream.next()])
                query.after = page.next
                if page.isComplete { break }
            }
            #expect(leaves == (order == .oldest ? [0, 1, 2, 3] : [3, 2, 1, 0]))
            #expect(try await log.all(EventQuery(order: order)).count == 6)
        }
    }

    @Test func `what was changed in the file is shown as unreadable, and nothing else`() async throws {
        try await TestLog.run { (log: TestLog) async throws in
            var stream = EventStream()
            _ = try await log.store(try (0..<4).map { _ in try stream.next() })
            await log.close()
            let file = try Connection(path: "\(log.folder)/\(EventStream.tenant)/0.sqlite", role: .writer)
            // One body is altered, another is put in the place of its neighbour, and one commitment is exchanged.
            try file.run("UPDATE body SET sealed = zeroblob(length(sealed)) WHERE leaf = 0")
            try file.run("UPDATE body SET sealed = (SELECT sealed FROM body WHERE leaf = 3) WHERE leaf = 1")
            try file.run("UPDATE event SET commitment = zeroblob(32) WHERE leaf = 2")
            let again = try TestLog(log.folder)
            let (events, page) = try await again.page(EventQuery(order: .oldest))
            #expect(events.map { $0["unreadable"]?.bool } == [true, true, true, nil])
            #expect(page.unreadable == 3)
            await again.close()
        }
    }

    @Test func `an erased subject's events stand in the log without their bodies`() async throws {
        try await TestLog.run { (log: TestLog) async throws in
            var stream = EventStream()
            let events = try (0..<4).map { try stream.next(user: $0 % 2 == 0 ? "ada" : "grace") }
            _ = try await log.store(events)
            await log.close()
            let file = try Connection(path: "\(log.folder)/\(EventStream.tenant)/0.sqlite", role: .writer)
            try file.run("UPDATE subject SET name = NULL, wrapped_key = x'' WHERE name = 'ada'")
            let again = try TestLog(log.folder)
            let shown = try await again.all(EventQuery(order: .oldest))
            #expect(shown.map { $0["erased"]?.bool } == [true, nil, true, nil])
            #expect(shown[0]["userId"] == nil && shown[0]["action"]?.string == EventAction.createNote)
            // Delivered again they are duplicates still, and the subject may come back, as somebody new.
            #expect(try await again.store(events).duplicates == 4)
            #expect(try await again.store([try stream.next(user: "ada")]).stored == 1)
            #expect(try await again.all(EventQuery(EventFilter(user: "ada"))).count == 1)
            await again.close()
        }
    }

    @Test func `a tenant's log shows nothing of another's`() async throws {
        try await TestLog.run { (log: TestLog) async throws in
            var (mine, theirs) = (EventStream(), EventStream(tenant: "us-east-1_Beta", epoch: 2))
            let beta = try #require(TenantName("us-east-1_Beta"))
            _ = try await log.store([try mine.next()])
            _ = try await log.store([try theirs.next(), try theirs.next()], tenant: beta)
            #expect(try await log.all(EventQuery(order: .oldest)).count == 1)
            #expect(try await log.all(EventQuery(order: .oldest), tenant: beta).count == 2)
            // A verified event that is handed to another tenant's file is not that tenant's.
            #expect(try await log.store([try theirs.next()]).stored == 0)
        }
    }
}
