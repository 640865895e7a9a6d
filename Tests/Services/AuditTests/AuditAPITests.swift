import Contracts
import Encodings
import HTTP
import JSON
import ServiceFixture
import TestTools
import Testing

@testable import Audit

/// The audit API as the gateway forwards it.
struct AuditAPITests {
    private let ada = AuditServer.user("ada")
    private let auditor = AuditServer.user("otto", groups: ["staff", "auditors"])

    @Test func `a user sees who did what, when and with what outcome`() async throws {
        try await AuditServer.run { (server: AuditServer) async throws in
            var stream = try server.stream()
            try await server.store([
                try stream.next(), try stream.next(action: EventAction.deleteNote, outcome: .refused, at: 5), try stream.next(user: "grace"),
            ])
            let answer = try await server.get("/audit/events?order=oldest", as: ada)
            #expect(answer.status == 200)
            #expect(answer.json["count"]?.int == 2 && answer.json["complete"]?.bool == true && answer.json["nextToken"] == nil)
            let note = EventStream.note(1).description
            #expect(
                answer.events.first == [
                    "leaf": 0, "position": .string(StreamPosition(stream: stream.stream, seq: 1).headerValue),
                    "id": "01900000-0000-7000-8000-000000000001", "time": .string(EventStream.time(0).iso8601()), "type": "strongroom.note.write.v1",
                    "action": "note.create", "outcome": "accepted", "userId": "ada", "username": "ada@example.com", "authenticatedBy": "jwt",
                    "resource": ["type": "note", "id": .string(note)], "requestId": "r-1", "sourceAddress": "192.0.2.7",
                    "data": ["version": 1, "contentDigest": "010203"],
                ])
            #expect(answer.events.last?["outcome"]?.string == "refused" && answer.events.last?["reason"]?.string == "not-found")
        }
    }

    @Test func `a query is an event itself, and its answer says where`() async throws {
        try await AuditServer.run { (server: AuditServer) async throws in
            let first = try await server.get("/audit/events?outcome=accepted", as: ada)
            #expect(first.json["count"]?.int == 0)
            let second = try await server.get("/audit/events", as: ada)
            let event = try #require(second.events.first)
            #expect(second.json["count"]?.int == 1)
            #expect(event["position"]?.string == first.headers["x-strongroom-audit-position"])
            #expect(event["action"]?.string == "audit.query" && event["sourceAddress"]?.string == "192.0.2.7")
            #expect(event["data"] == ["filters": ["outcome"], "returned": 0])
        }
    }

    @Test func `nothing is called complete while the log holds no source's event`() async throws {
        try await AuditServer.run(peers: [.notes: .init(host: "127.0.0.1", port: 1)]) { (server: AuditServer) async throws in
            for count in 0...1 as ClosedRange<Int64> {
                // The second answer has the first query, which says nothing of the sources.
                let answer = try await server.get("/audit/events", as: ada)
                #expect(answer.json["count"]?.int == count && answer.json["complete"]?.bool == false && answer.json["nextToken"] == nil)
            }
            let report = try await server.get("/audit/completeness", as: ada)
            #expect(report.json == ["complete": false, "streams": []])
            var stream = try server.stream()
            try await server.store([try stream.next()])
            #expect(try await server.get("/audit/events", as: ada).json["complete"]?.bool == true)
            #expect(try await server.get("/audit/events?note=none", as: ada).json["complete"]?.bool == true)
        }
    }

    @Test func `another user's events are for auditors, and asking for them is recorded`() async throws {
        try await AuditServer.run { (server: AuditServer) async throws in
            var stream = try server.stream()
            try await server.store([try stream.next(user: "grace"), try stream.next(user: "ada")])
            let refused = try await server.get("/audit/events?user=grace", as: ada)
            #expect(refused.status == 403 && refused.error == "Only auditors may see other users' events")
            #expect(try await server.get("/audit/events?user=ada", as: ada).json["count"]?.int == 2)
            let all = try await server.get("/audit/events?order=oldest", as: auditor)
            #expect(all.events.map { $0["userId"]?.string } == ["grace", "ada", "ada", "ada"])
            #expect(all.events[2]["outcome"]?.string == "refused" && all.events[2]["reason"]?.string == "not-permitted")
            #expect(try await server.get("/audit/events?user=grace", as: auditor).json["count"]?.int == 1)
        }
    }

    @Test func `a cursor belongs to its tenant, caller and query, and to nobody else`() async throws {
        try await AuditServer.run { (server: AuditServer) async throws in
            var (alpha, beta) = (try server.stream(), try server.stream(tenant: "us-east-1_Beta", epoch: 2))
            for _ in 0..<3 { try await server.store([try alpha.next(), try alpha.next(user: "otto"), try beta.next()]) }
            let page = try await server.get("/audit/events?limit=1&outcome=accepted", as: ada)
            let token = try #require(page.json["nextToken"]?.string)
            #expect(page.json["complete"]?.bool == false)
            let next = try await server.get("/audit/events?limit=2&outcome=accepted&nextToken=\(token)", as: ada)
            #expect(next.status == 200 && next.events.map { $0["leaf"]?.int } == [2, 0])

            var altered = Array(token.utf8)
            altered[20] = altered[20] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let bad: [(String, CallerIdentity)] = [
                ("outcome=accepted&nextToken=\(token)", AuditServer.user("ada", of: "us-east-1_Beta")),
                ("outcome=accepted&nextToken=\(token)", AuditServer.user("otto")),
                ("nextToken=\(token)", ada),
                ("outcome=refused&nextToken=\(token)", ada),
                ("outcome=accepted&order=oldest&nextToken=\(token)", ada),
                ("outcome=accepted&nextToken=\(String(decoding: altered, as: UTF8.self))", ada),
                ("outcome=accepted&nextToken=\(token)A", ada),
                ("outcome=accepted&nextToken=\(token.dropLast())", ada),
                ("outcome=accepted&nextToken=0", ada),
            ]
            for (query, caller) in bad {
                let answer = try await server.get("/audit/events?\(query)", as: caller)
                #expect(answer.status == 400 && answer.error == "nextToken does not belong to this query", "\(query)")
            }
        }
    }

    @Test func `paging the log from its beginning ends, though each page is recorded in it`() async throws {
        try await AuditServer.run { (server: AuditServer) async throws in
            var stream = try server.stream()
            try await server.store([try stream.next(), try stream.next(user: "grace"), try stream.next()])
            let other = AuditServer.user("olga", groups: ["auditors"])
            var (leaves, target) = ([Int64?](), "/audit/events?order=oldest&limit=1")
            for _ in 0..<10 {
                let page = try await server.get(target, as: auditor)
                leaves += page.events.map { $0["leaf"]?.int }
                // Somebody else reads on meanwhile.
                #expect(try await server.get("/audit/events?limit=1", as: other).status == 200)
                guard let token = page.json["nextToken"]?.string else { break }
                target = "/audit/events?order=oldest&limit=1&nextToken=\(token)"
            }
            #expect(leaves == [0, 1, 2])
            // What came later is a new query's.
            #expect(try await server.get("/audit/events?order=oldest", as: auditor).json["count"]?.int == 9)
        }
    }

    @Test func `what is not a query is refused with a reason`() async throws {
        try await AuditServer.run { (server: AuditServer) async throws in
            let bad = [
                "limit=0", "limit=1001", "limit=01", "limit=x", "limit=", "limit=5&limit=5", "outcome=maybe", "order=up", "from=yesterday",
                "from=2026-01-01", "to=x", "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "user=", "use=ada", "waitFor=x",
                "waitFor=notes.0.x.1", "cursor=x", "user=ada&user=ada",
                "waitFor=\(Array(repeating: "notes.0.01890a5d-ac96-774b-bcce-b302099a8057.1", count: 17).joined(separator: ","))",
                "action=\(String(repeating: "a", count: 2049))", "action=x", "action=CREATE", "action=note.Create",
                "sourceAddress=x", "sourceAddress=localhost", "sourceAddress=192.0.2", "sourceAddress=192.0.2.7/32",
                "sourceAddress=%5B::1%5D", "from=2026-01-01t00:00:00", "to=2026-01-01T00:00:00y",
            ]
            for query in bad {
                let answer = try await server.get("/audit/events?\(query)", as: ada)
                #expect(answer.status == 400 && answer.error?.isEmpty == false, "\(query): \(answer.status)")
            }
            #expect(try await server.get("/audit/completeness?x=1", as: ada).status == 400)
            #expect(try await server.get("/audit/nothing", as: ada).error == "Not found")
            #expect(try await server.send(.post, "/audit/events", as: ada).status == 405)
        }
    }

    @Test func `a filter's value is taken in every spelling that it has`() async throws {
        try await AuditServer.run { (server: AuditServer) async throws in
            var stream = try server.stream()
            try await server.store([try stream.next(source: "2001:db8::7"), try stream.next(source: "192.0.2.7")])
            let (before, after) = (EventStream.time(0).iso8601(), EventStream.time(60).iso8601())
            for query in [
                "sourceAddress=2001:DB8:0:0::0007", "sourceAddress=2001:db8::7",
                "sourceAddress=2001:db8::7&from=\(before.lowercased())&to=\(after.lowercased())&action=note.create",
            ] {
                let answer = try await server.get("/audit/events?\(query)", as: ada)
                #expect(answer.status == 200 && answer.events.map { $0["sourceAddress"] } == ["2001:db8::7"], "\(query)")
            }
            for action in RecordedActions.all {
                #expect(try await server.get("/audit/events?action=\(action)", as: ada).status == 200, "\(action)")
            }
        }
    }

    @Test func `nobody gets in without a tenant and a user`() async throws {
        try await AuditServer.run { (server: AuditServer) async throws in
            let anyone = [
                nil, CallerIdentity.anyone, CallerIdentity(method: .iam, principal: "arn:aws:iam::000000000000:root"),
                AuditServer.user("ada", of: "../x"),
                AuditServer.user(""),
            ]
            for identity in anyone {
                #expect(try await server.get("/audit/events", as: identity).status == 401)
                #expect(try await server.get("/audit/completeness", as: identity).status == 401)
            }
            #expect(try await server.get("/audit/events", as: ada, from: .notes).status == 403)
        }
    }

    @Test func `a tenant's auditor sees nothing of another tenant`() async throws {
        try await AuditServer.run { (server: AuditServer) async throws in
            var (alpha, beta) = (try server.stream(), try server.stream(tenant: "us-east-1_Beta", epoch: 2))
            try await server.store([try alpha.next(), try beta.next(), try beta.next()])
            let other = AuditServer.user("otto", of: "us-east-1_Beta", groups: ["auditors"])
            #expect(try await server.get("/audit/events", as: auditor).json["count"]?.int == 1)
            #expect(try await server.get("/audit/events", as: other).json["count"]?.int == 2)
            #expect(try await server.get("/audit/completeness", as: other).json["streams"]?.array?.count == 1)
        }
    }

    @Test func `a query waits until the log reaches what it names`() async throws {
        try await AuditServer.run { (server: AuditServer) async throws in
            var stream = try server.stream()
            let events = [try stream.next(), try stream.next()]
            let position = stream.position.headerValue
            async let waiting = server.get("/audit/events?waitFor=\(position)", as: ada)
            try await until { server.service.marks.board.waiting > 0 }
            try await server.store([events[0]])
            try await server.store([events[1]])
            let answer = try await waiting
            #expect(answer.status == 200 && answer.json["count"]?.int == 2)
            #expect(try await server.get("/audit/events?waitFor=\(position)&waitFor=\(position)", as: ada).status == 200)
        }
    }

    @Test func `a query does not wait for ever`() async throws {
        try await AuditServer.run(settings: ["audit-wait": "1"]) { (server: AuditServer) async throws in
            var stream = try server.stream()
            try await server.store([try stream.next()])
            let position = StreamPosition(stream: stream.stream, seq: 2).headerValue
            let answer = try await server.get("/audit/events?waitFor=\(position)", as: ada)
            #expect(answer.status == 504 && answer.error == "The log does not reach \(position) yet")
            #expect(answer.headers["retry-after"] == "1")
        }
    }

    @Test func `so many queries of one user wait at a time, and of one tenant`() async throws {
        // All of them have to wait at once, however slow the machine is.
        try await AuditServer.run(settings: ["audit-wait": "25"]) { (server: AuditServer) async throws in
            let elsewhere = "us-east-1_Other"
            var (stream, other) = (try server.stream(), try server.stream(tenant: elsewhere))
            let events = [try stream.next(), try other.next()]
            // The same words for both: whose it is follows from who asks.
            let position = stream.position.headerValue
            @Sendable func ask(_ user: CallerIdentity) async throws -> Int {
                try await server.get("/audit/events?waitFor=\(position)", as: user).status
            }
            try await withThrowingTaskGroup(of: Int.self) { group in
                var waiting = 0
                func begin(_ user: String, of tenant: String = EventStream.tenant, _ count: Int) {
                    waiting += count
                    for _ in 0..<count { group.addTask { try await ask(AuditServer.user(user, of: tenant)) } }
                }
                begin("ada", WaitingPlaces.ofUser)
                try await until { server.service.marks.board.waiting == waiting }
                let refused = try await server.get("/audit/events?waitFor=\(position)", as: ada)
                #expect(refused.status == 429 && refused.error == "Too many queries wait for the log")
                #expect(refused.headers["retry-after"] == "1")
                #expect(try await server.get("/audit/events", as: ada).status == 200, "what waits for nothing is answered")
                for number in 1..<WaitingPlaces.ofTenant / WaitingPlaces.ofUser { begin("user \(number)", WaitingPlaces.ofUser) }
                try await until { server.service.marks.board.waiting == waiting }
                #expect(try await ask(auditor) == 429)
                begin("ada", of: elsewhere, 1)
                try await until { server.service.marks.board.waiting == waiting }
                try await server.store(events)
                for try await status in group { #expect(status == 200) }
            }
            #expect(try await ask(ada) == 200)
        }
    }

    @Test func `completeness is unknown while the source is away, and says what is missing`() async throws {
        try await AuditServer.run(peers: [.notes: .init(host: "127.0.0.1", port: 1)]) { (server: AuditServer) async throws in
            var (whole, broken) = (try server.stream(), try server.stream(shard: 1, epoch: 2))
            try await server.store([try whole.next()])
            let events = [try broken.next(), try broken.next(), try broken.next()]
            try await server.store([events[0], events[2]])
            let answer = try await server.get("/audit/completeness", as: auditor)
            #expect(answer.status == 200 && answer.json["complete"]?.bool == false)
            #expect(answer.json["streams"]?.array?.map { $0["status"]?.string } == ["unknown", "missing"])
            #expect(answer.json["streams"]?[1]?["completeUpTo"]?.int == 1)
            #expect(answer.json["streams"]?[1]?["head"]?.int == 3)
        }
    }

    @Test func `how much others do is told to auditors only, whether the log is complete to everybody`() async throws {
        try await AuditServer.run(peers: [.notes: .init(host: "127.0.0.1", port: 1)]) { (server: AuditServer) async throws in
            var stream = try server.stream()
            try await server.store([try stream.next(user: "grace"), try stream.next(user: "grace")])
            let place: JSONValue = ["source": "notes", "shard": 0, "epoch": .string(stream.stream.epoch.description), "status": "unknown"]
            #expect(try await server.get("/audit/completeness", as: ada).json == ["complete": false, "streams": [place]])
            let whole = try await server.get("/audit/completeness", as: auditor).json["streams"]?[0]
            #expect(whole?["completeUpTo"]?.int == 2 && whole?["head"]?.int == 2)
        }
    }

    @Test func `a source hears up to where its streams have arrived`() async throws {
        try await AuditServer.run { (server: AuditServer) async throws in
            var stream = try server.stream()
            let other = try server.stream(tenant: "us-east-1_Beta", epoch: 7).stream
            try await server.store([try stream.next(), try stream.next()])
            let answer = try await ask(server, [stream.stream: 0, other: 0], wait: 20)
            #expect(try MarksResponse(answer.body.span, source: .notes).marks.map(\.mark) == [2, 0])
            let known = [stream.stream: UInt64(2), other: 0]
            // Nothing new: it waits until there is.
            async let news = ask(server, known, wait: 20)
            try await until { server.service.marks.board.waiting > 0 }
            try await server.store([try stream.next()])
            let heard = try await news
            #expect(try MarksResponse(heard.body.span, source: .notes).marks.map(\.mark) == [3, 0])
            #expect(try await ask(server, known, wait: 0, from: .gateway).status == 403)
            #expect(try await server.send(.post, "/internal/v1/marks", as: nil, from: .notes, body: Array("{}".utf8)).status == 400)
        }
    }

    private func ask(
        _ server: AuditServer, _ marks: [StreamID: UInt64], wait: Int, from caller: ServiceName = .notes
    ) async throws -> AuditServer.Answer {
        let streams = marks.map { StreamMark(stream: $0, mark: $1) }.sorted { $0.stream.tenant < $1.stream.tenant }
        return try await server.send(
            .post, "/internal/v1/marks", as: nil, from: caller, body: MarksRequest(streams: streams, wait: wait).encoded())
    }
}
