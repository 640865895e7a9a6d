import Contracts
import Encodings
import HTTP
import JSON
import ServiceFixture
import Testing

@testable import Notes

struct NotesAPITests {
    private let ada = NotesServer.user("ada")
    private let bob = NotesServer.user("bob")

    @Test func theSeedsWalkThrough() async throws {
        try await NotesServer.run { (server: NotesServer) async throws in
            let created = try await server.send(.post, "/notes", as: ada, body: #"{"title": "My first note", "content": "Hello world"}"#)
            #expect(created.status == 201)
            #expect(created.headers["content-type"] == "application/json")
            let members = created.json.object?.members.map(\.name)
            #expect(members == ["userId", "noteId", "title", "content", "createdAt"])
            #expect(created.json["userId"]?.string == "ada")
            #expect(created.json["title"]?.string == "My first note")
            #expect(created.json["content"]?.string == "Hello world")
            let when = try #require(created.json["createdAt"]?.string)
            #expect(when.utf8.count == 27 && when.hasSuffix("Z"))
            let id = try #require(created.json["noteId"]?.string)

            let list = try await server.send(.get, "/notes", as: ada)
            #expect(list.status == 200)
            #expect(list.text == #"{"notes":[\#(created.text)],"count":1}"#)
            #expect(try await server.send(.get, "/notes", as: bob).text == #"{"notes":[],"count":0}"#)

            #expect(try await server.send(.get, "/notes/\(id)", as: ada).text == created.text)
            let foreign = try await server.send(.get, "/notes/\(id)", as: bob)
            #expect(foreign.status == 404)
            #expect(foreign.text == #"{"error":"Note not found"}"#)

            #expect(try await server.send(.delete, "/notes/\(id)", as: bob).status == 204)
            #expect(try await server.send(.get, "/notes/\(id)", as: ada).status == 200)
            let deleted = try await server.send(.delete, "/notes/\(id)", as: ada)
            #expect(deleted.status == 204)
            #expect(deleted.body.isEmpty)
            #expect(try await server.send(.get, "/notes/\(id)", as: ada).status == 404)
        }
    }

    @Test func defaultsAreTheSeeds() async throws {
        try await NotesServer.run { (server: NotesServer) async throws in
            for body in ["", "{}", #"{"other": 1}"#] {
                let note = try await server.send(.post, "/notes", as: ada, body: body, headers: [(.contentType, "application/x-www-form-urlencoded")])
                #expect(note.status == 201)
                #expect(note.json["title"]?.string == "Untitled")
                #expect(note.json["content"]?.string == "")
            }
        }
    }

    @Test(arguments: [
        "{", "nonsense", "[]", "\"text\"", #"{"title": 1}"#, #"{"content": null}"#, #"{"title": "a", "title": "b"}"#, #"{"title": "a",}"#,
        "{\"title\": \"\u{1}\"}", #"{"title": "\ud800"}"#, "\u{FEFF}{}",
    ])
    func aMalformedBodyIsRefused(_ body: String) async throws {
        try await NotesServer.run { (server: NotesServer) async throws in
            let answer = try await server.send(.post, "/notes", as: ada, body: body)
            #expect(answer.status == 400)
            #expect(answer.json["error"]?.string != nil)
            #expect(try await server.send(.get, "/notes", as: ada).json["count"]?.int == 0)
        }
    }

    @Test func aBodyInACodingIsRefused() async throws {
        try await NotesServer.run { (server: NotesServer) async throws in
            let id = try #require(try await server.send(.post, "/notes", as: ada, body: "{}").json["noteId"]?.string)
            for coding in ["gzip", "x-gzip", "br", "identity, gzip", "gzip,", "identity identity gzip", "\"identity\""] {
                for (method, path) in [(HTTP.Method.post, "/notes"), (.put, "/notes/\(id)")] {
                    let answer = try await server.send(method, path, as: ada, body: "{}", headers: [("content-encoding", coding)])
                    #expect(answer.status == 415 && answer.headers["accept-encoding"] == "identity", "\(coding)")
                    #expect(answer.text == #"{"error":"The body must not have a Content-Encoding"}"#)
                }
            }
            #expect(
                try await server.send(.post, "/notes", as: ada, headers: [("content-encoding", "identity"), ("content-encoding", "gzip")]).status
                    == 415)
            for coding in ["identity", "Identity, ,identity", ""] {
                #expect(
                    try await server.send(.put, "/notes/\(id)", as: ada, body: "{}", headers: [("content-encoding", coding)]).status == 200,
                    "\(coding)")
            }
            // These have no content that would be read.
            #expect(try await server.send(.get, "/notes/\(id)", as: ada, headers: [("content-encoding", "gzip")]).status == 200)
            #expect(try await server.send(.delete, "/notes/\(id)", as: ada, headers: [("content-encoding", "gzip")]).status == 204)
        }
    }

    @Test func whatIsTooLongIsRefused() async throws {
        try await NotesServer.run { (server: NotesServer) async throws in
            let long = String(repeating: "x", count: NoteDraft.maximumTotal)
            #expect(try await server.send(.post, "/notes", as: ada, body: #"{"content":"\#(long)","title":""}"#).status == 201)
            #expect(try await server.send(.post, "/notes", as: ada, body: #"{"content":"\#(long)","title":"x"}"#).status == 400)
            let title = String(repeating: "x", count: NoteDraft.maximumTitle + 1)
            #expect(try await server.send(.post, "/notes", as: ada, body: #"{"title":"\#(title)"}"#).status == 400)
            let huge = String(repeating: "x", count: NoteDraft.maximumBody)
            #expect(try await server.send(.post, "/notes", as: ada, body: #"{"content":"\#(huge)"}"#).status == 413)
        }
    }

    @Test func changesGoByEntityTag() async throws {
        try await NotesServer.run { (server: NotesServer) async throws in
            let created = try await server.send(.post, "/notes", as: ada, body: #"{"title":"one"}"#)
            let path = "/notes/\(try #require(created.json["noteId"]?.string))"
            #expect(created.headers[.etag] == "\"1\"")
            let changed = try await server.send(.put, path, as: ada, body: #"{"title":"two"}"#, headers: [(.ifMatch, "\"1\"")])
            #expect(changed.status == 200)
            #expect(changed.headers[.etag] == "\"2\"")
            #expect(changed.json["title"]?.string == "two")
            #expect(changed.json["createdAt"] == created.json["createdAt"])
            for stale in ["\"1\"", "W/\"2\"", "\"3\", \"1\"", "\"02\""] {
                let refused = try await server.send(.put, path, as: ada, body: #"{"title":"three"}"#, headers: [(.ifMatch, stale)])
                #expect(refused.status == 412, "\(stale)")
                #expect(refused.headers["x-strongroom-audit-position"] != nil)
            }
            for broken in ["2", "\"", "\"2\"x", "", ","] {
                #expect(try await server.send(.put, path, as: ada, body: "{}", headers: [(.ifMatch, broken)]).status == 400, "\(broken)")
            }
            // A comma in a tag, empty elements, and a list in two lines (RFC 9110 §8.8.3, §5.6.1.2, §5.3).
            for other in [#""a,2""#, #"W/"2", "2,""#] {
                #expect(try await server.send(.put, path, as: ada, body: "{}", headers: [(.ifMatch, other)]).status == 412, "\(other)")
            }
            #expect(
                try await server.send(.put, path, as: ada, body: #"{"title":"3"}"#, headers: [(.ifMatch, #", ,"9""#), (.ifMatch, "\"2\",")]).status
                    == 200)
            #expect(try await server.send(.put, path, as: ada, body: #"{"title":"4"}"#, headers: [(.ifMatch, "*")]).status == 200)
            #expect(try await server.send(.put, path, as: bob, body: #"{"title":"x"}"#).status == 404)
            #expect(try await server.send(.get, path, as: ada).headers[.etag] == "\"4\"")
            #expect(try await server.send(.delete, path, as: ada, headers: [(.ifMatch, "\"1\"")]).status == 412)
            #expect(try await server.send(.delete, path, as: ada, headers: [(.ifMatch, "\"4\"")]).status == 204)
        }
    }

    @Test func whatIsNotThereMatchesNoTag() async throws {
        try await NotesServer.run { (server: NotesServer) async throws in
            let created = try await server.send(.post, "/notes", as: ada, body: "{}")
            let theirs = "/notes/\(try #require(created.json["noteId"]?.string))"
            for path in [theirs, "/notes/01900000-0000-7000-8000-000000000001", "/notes/x"] {
                for tag in ["*", "\"1\"", "W/\"1\""] {
                    let refused = try await server.send(.delete, path, as: bob, headers: [(.ifMatch, tag)])
                    #expect(refused.status == 412 && refused.headers["x-strongroom-audit-position"] != nil, "\(path) \(tag)")
                    #expect(refused.text == #"{"error":"The note has changed"}"#)
                    // Without conditions it isn't found either, and that comes first (RFC 9110 §13.2.1).
                    #expect(try await server.send(.put, path, as: bob, body: "{}", headers: [(.ifMatch, tag)]).status == 404)
                    #expect(try await server.send(.get, path, as: bob, headers: [(.ifMatch, tag)]).status == 404)
                }
                #expect(try await server.send(.delete, path, as: bob, headers: [(.ifNoneMatch, "*")]).status == 204)
                #expect(try await server.send(.delete, path, as: bob).status == 204)
            }
            #expect(try await server.send(.get, theirs, as: ada).status == 200)
        }
    }

    @Test func theListIsAlwaysThereAndHasNoTag() async throws {
        try await NotesServer.run(settings: ["notes-per-user": "1"]) { (server: NotesServer) async throws in
            let fails: [(HeaderName, String)] = [(.ifMatch, "\"1\""), (.ifMatch, "W/\"1\""), (.ifNoneMatch, "*")]
            for field in fails {
                let refused = try await server.send(.post, "/notes", as: ada, body: "{}", headers: [field])
                #expect(refused.status == 412 && refused.headers["x-strongroom-audit-position"] != nil, "\(field)")
                let list = try await server.send(.get, "/notes", as: ada, headers: [field])
                #expect(list.status == (field.0 == .ifMatch ? 412 : 304), "\(field)")
            }
            for field: (HeaderName, String) in [(.ifMatch, "*"), (.ifNoneMatch, "\"1\"")] {
                #expect(try await server.send(.get, "/notes", as: ada, headers: [field]).json["count"]?.int == 0, "\(field)")
            }
            #expect(try await server.send(.post, "/notes", as: ada, body: "{}", headers: [(.ifNoneMatch, "*"), (.ifMatch, "")]).status == 400)
            #expect(try await server.send(.post, "/notes", as: ada, body: "{}", headers: [(.ifMatch, "*"), (.ifNoneMatch, "\"1\"")]).status == 201)
            // What is refused in any case is refused for that.
            for field in fails {
                #expect(try await server.send(.post, "/notes", as: ada, body: "{}", headers: [field]).status == 403, "\(field)")
                #expect(try await server.send(.post, "/notes", as: ada, body: "[", headers: [field]).status == 400, "\(field)")
            }
        }
    }

    @Test func whatIsKnownIsNeitherSentNorOverwritten() async throws {
        try await NotesServer.run { (server: NotesServer) async throws in
            let created = try await server.send(.post, "/notes", as: ada, body: #"{"title":"one"}"#)
            let path = "/notes/\(try #require(created.json["noteId"]?.string))"
            // The comparison is the weak one (RFC 9110 §13.1.2).
            for known in ["*", #""1""#, #"W/"1""#, #""7", "1""#] {
                let answer = try await server.send(.get, path, as: ada, headers: [(.ifNoneMatch, known)])
                #expect(answer.status == 304 && answer.headers[.etag] == "\"1\"", "\(known)")
                #expect(try await server.send(.put, path, as: ada, body: "{}", headers: [(.ifNoneMatch, known)]).status == 412, "\(known)")
                #expect(try await server.send(.delete, path, as: ada, headers: [(.ifNoneMatch, known)]).status == 412, "\(known)")
            }
            #expect(try await server.send(.get, path, as: ada, headers: [(.ifNoneMatch, "\"2\"")]).json["title"]?.string == "one")
            #expect(try await server.send(.get, path, as: ada, headers: [(.ifMatch, "\"2\"")]).status == 412)
            #expect(try await server.send(.get, path, as: ada, headers: [(.ifNoneMatch, "1")]).status == 400)
            // Another's note is none, whatever is known of it.
            #expect(try await server.send(.get, path, as: bob, headers: [(.ifNoneMatch, "*")]).status == 404)
            #expect(try await server.send(.put, path, as: ada, body: "{}", headers: [(.ifNoneMatch, "\"2\"")]).status == 200)
        }
    }

    @Test func listsAreCutIntoPages() async throws {
        try await NotesServer.run { (server: NotesServer) async throws in
            for number in 0..<5 { _ = try await server.send(.post, "/notes", as: ada, body: #"{"title":"\#(number)"}"#) }
            var titles: [String] = []
            var target = "/notes?limit=2"
            while true {
                let page = try await server.send(.get, target, as: ada)
                titles += page.json["notes"]?.array?.compactMap { $0["title"]?.string } ?? []
                guard let token = page.json["nextToken"]?.string else { break }
                #expect(try await server.send(.get, "/notes?nextToken=\(token)", as: bob).status == 400)
                #expect(try await server.send(.get, "/notes?nextToken=\(token)", as: NotesServer.user("ada", of: "us-east-1_Beta")).status == 400)
                target = "/notes?limit=2&nextToken=\(token)"
            }
            #expect(titles == ["0", "1", "2", "3", "4"])
            for query in ["limit=0", "limit=1001", "limit=x", "limit=", "limit=1&limit=1", "limit=%2B1", "nextToken=", "nextToken=x&nextToken=x"] {
                #expect(try await server.send(.get, "/notes?\(query)", as: ada).status == 400, "\(query)")
            }
        }
    }

    @Test func anIdempotencyKeyIsGoodForOneRequest() async throws {
        try await NotesServer.run { (server: NotesServer) async throws in
            let key: [(HeaderName, String)] = [("idempotency-key", "k-1")]
            let first = try await server.send(.post, "/notes", as: ada, body: #"{"title":"one"}"#, headers: key)
            let again = try await server.send(.post, "/notes", as: ada, body: #"{"title":"one"}"#, headers: key)
            #expect(first.text == again.text)
            #expect(again.status == 201)
            #expect(first.headers["x-strongroom-audit-position"] == again.headers["x-strongroom-audit-position"])
            #expect(try await server.send(.post, "/notes", as: ada, body: #"{"title":"two"}"#, headers: key).status == 422)
            #expect(try await server.send(.post, "/notes", as: bob, body: #"{"title":"two"}"#, headers: key).status == 201)
            #expect(try await server.send(.get, "/notes", as: ada).json["count"]?.int == 1)
            for bad in ["", String(repeating: "x", count: 256)] {
                #expect(try await server.send(.post, "/notes", as: ada, headers: [("idempotency-key", bad)]).status == 400)
            }
        }
    }

    @Test func aRefusalForAQuotaIsSaidAndRecorded() async throws {
        try await NotesServer.run(settings: ["notes-per-user": "1"]) { (server: NotesServer) async throws in
            #expect(try await server.send(.post, "/notes", as: ada).status == 201)
            let refused = try await server.send(.post, "/notes", as: ada)
            #expect(refused.status == 403)
            #expect(refused.headers["x-strongroom-audit-position"]?.hasPrefix("notes.") == true)
        }
    }

    @Test func aFullOutboxAsksToComeBack() async throws {
        try await NotesServer.run(settings: ["notes-outbox": "2"]) { (server: NotesServer) async throws in
            for _ in 0..<2 { #expect(try await server.send(.post, "/notes", as: ada).status == 201) }
            let refused = try await server.send(.post, "/notes", as: ada)
            #expect(refused.status == 503)
            #expect(refused.headers[.retryAfter] == "5")
            #expect(try await server.send(.get, "/notes", as: ada).status == 200)
        }
    }

    @Test func whatIsNoRouteIsNotFound() async throws {
        try await NotesServer.run { (server: NotesServer) async throws in
            let nowhere: [(HTTP.Method, String)] = [
                (.get, "/"), (.get, "/notesx"), (.patch, "/notes"), (.post, "/notes/x"), (.get, "/notes/a/b"), (.get, "/notes/"),
            ]
            for (method, target) in nowhere {
                let answer = try await server.send(method, target, as: ada)
                #expect(answer.status == 404, "\(target)")
                #expect(answer.text == #"{"error":"Not found"}"#)
            }
            for id in ["x", "..", "00000000-0000-0000-0000-00000000000G", "0190A5DA-C960-774B-BCCE-B302099A8057"] where id != ".." {
                #expect(try await server.send(.get, "/notes/\(id)", as: ada).text == #"{"error":"Note not found"}"#)
                #expect(try await server.send(.delete, "/notes/\(id)", as: ada).status == 204)
                #expect(try await server.send(.put, "/notes/\(id)", as: ada, body: "{}").status == 404)
            }
        }
    }
}
