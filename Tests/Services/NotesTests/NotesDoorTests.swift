import Bootstrap
import Contracts
import Encodings
import Files
import HTTP
import JSON
import ServiceFixture
import Testing

@testable import Notes

/// Who gets in at the service's own port.
struct NotesDoorTests {
    private let ada = NotesServer.user("ada")

    @Test func anUnsignedCallIsRefused() async throws {
        try await NotesServer.run { (server: NotesServer) async throws in
            #expect(try await server.send(ClientRequest(.get, "/notes")).status == 403)
            let signed = try await server.send(.get, "/notes", as: ada) { $0.headers.remove(.authorization) }
            #expect(signed.status == 403)
        }
    }

    @Test func anotherBodyThanTheSignedOneIsRefused() async throws {
        try await NotesServer.run { (server: NotesServer) async throws in
            let answer = try await server.send(.post, "/notes", as: ada, body: "{}") { $0.body = .bytes(Array(#"{"title":"x"}"#.utf8)) }
            #expect(answer.status == 403)
            #expect(try await server.send(.get, "/notes", as: ada).json["count"]?.int == 0)
        }
    }

    @Test func aCallWithoutAnIdentityIsUnauthorized() async throws {
        try await NotesServer.run { (server: NotesServer) async throws in
            #expect(try await server.send(.get, "/notes", as: nil).status == 401)
            #expect(try await server.send(.get, "/notes", as: .anyone).status == 401)
            let root = CallerIdentity(method: .iam, principal: "arn:aws:iam::000000000000:root")
            #expect(try await server.send(.get, "/notes", as: root).status == 401)
            for tenant in ["..", "a/b", "", "a.b"] {
                #expect(try await server.send(.get, "/notes", as: NotesServer.user("ada", of: tenant)).status == 401, "\(tenant)")
            }
        }
    }

    @Test func onlyTheGatewayBringsUsers() async throws {
        try await NotesServer.run { (server: NotesServer) async throws in
            #expect(try await server.send(.get, "/notes", as: ada, from: .audit).status == 403)
        }
    }

    @Test func pagesOfStreamsAreWhole() async throws {
        try await NotesServer.run { (server: NotesServer) async throws in
            for tenant in ["us-east-1_Alpha", "us-east-1_Beta"] {
                for user in 0..<12 { _ = try await server.send(.post, "/notes", as: NotesServer.user("user \(user)", of: tenant)) }
            }
            let all = try await server.send(.get, "/internal/v1/streams", as: nil, from: .audit)
            let expected = try StreamsPage(all.body.span, source: .notes).streams
            #expect(expected.count == 8)
            for limit in [1, 3, 8] {
                var streams: [StreamHead] = []
                var next: String?
                repeat {
                    let after = next.map { "&after=\($0.split(separator: "/").joined(separator: "%2F"))" } ?? ""
                    let answer = try await server.send(.get, "/internal/v1/streams?limit=\(limit)\(after)", as: nil, from: .audit)
                    let page = try StreamsPage(answer.body.span, source: .notes)
                    streams += page.streams
                    next = page.next
                } while next != nil
                #expect(streams == expected, "pages of \(limit)")
            }
        }
    }

    @Test func onlyTheServicesOwnToolsTakeNotesOut() async throws {
        try await NotesServer.run { (server: NotesServer) async throws in
            #expect(try await server.send(.post, "/notes", as: ada).status == 201)
            let body = #"{"tenant":"us-east-1_Alpha"}"#
            for caller in [ServiceName.gateway, .audit, .identity] {
                #expect(try await server.send(.post, "/internal/v1/export", as: nil, from: caller, body: body).status == 403, "\(caller)")
            }
            #expect(try await server.send(.post, "/internal/v1/export", as: ada, body: body).status == 403)
        }
    }

    @Test func restoredNotesAreShownToNobodyBeforeWhatWasErasedSinceIsErasedAgain() async throws {
        let folder = try Directory.temporary(prefix: "restored-")
        try Directory.create("\(folder)/data")
        try File.create("\(folder)/data/.restored", with: [])
        try await NotesServer.run(settings: ["notes-data": "\(folder)/data"]) { (server: NotesServer) async throws in
            for (method, target) in [(HTTP.Method.get, "/notes"), (.post, "/notes"), (.delete, "/notes/x")] {
                let answer = try await server.send(method, target, as: ada)
                #expect(answer.status == 503 && answer.headers["retry-after"] == "5", "\(target)")
            }
            #expect(await server.service.readiness() != .ready)
            // Audit fills its log meanwhile.
            #expect(try await server.send(.get, "/internal/v1/streams", as: nil, from: .audit).status == 200)
        }
        try Directory.removeTree(folder)
    }

    @Test func onlyAuditMayAskForStreams() async throws {
        try await NotesServer.run { (server: NotesServer) async throws in
            let made = try await server.send(.post, "/notes", as: ada)
            let position = try #require(made.headers["x-strongroom-audit-position"])
            #expect(try await server.send(.get, "/internal/v1/streams", as: nil).status == 403)
            #expect(try await server.send(.get, "/internal/v1/streams", as: ada, from: .audit).status == 403)
            let streams = try await server.send(.get, "/internal/v1/streams?tenant=us-east-1_Alpha", as: nil, from: .audit)
            #expect(streams.status == 200)
            let page = try StreamsPage(streams.body.span, source: .notes)
            let head = try #require(page.streams.first)
            #expect(page.streams.count == 1)
            #expect(StreamPosition(stream: head.stream, seq: head.head).headerValue == position)
            let asked = ReplayRequest(stream: head.stream, from: 1, to: 9)
            let replay = try await server.send(
                .post, "/internal/v1/replay", as: nil, from: .audit, body: String(decoding: asked.encoded(), as: UTF8.self))
            #expect(try ReplayResponse(replay.body.span).envelopes.count == 1)
            let nowhere = StreamID(source: .notes, tenant: "nobody", shard: 0, epoch: head.stream.epoch)
            let nothing = try await server.send(
                .post, "/internal/v1/replay", as: nil, from: .audit,
                body: String(decoding: ReplayRequest(stream: nowhere, from: 1, to: 9).encoded(), as: UTF8.self))
            #expect(try ReplayResponse(nothing.body.span) == ReplayResponse(head: 0, envelopes: []))
            for bad in ["limit=0", "after=x", "after=..%2F0%2Fx", "other=1"] {
                #expect(try await server.send(.get, "/internal/v1/streams?\(bad)", as: nil, from: .audit).status == 400, "\(bad)")
            }
        }
    }
}
