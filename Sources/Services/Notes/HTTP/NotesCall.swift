internal import Bootstrap
internal import Contracts
internal import Encodings
internal import HTTP
internal import Observability
internal import Shards
internal import Trust

/// A verified request about the caller's notes.
struct NotesCall: Sendable {
    let owner: NoteOwner
    let write: WriteRequest
    private let body: [UInt8]
    private let request: Request

    init(_ call: InternalCall) throws(NotesError) {
        guard let identity = call.context.identity else { throw .unauthorized }
        owner = try NoteOwner(identity)
        body = call.body
        request = call.request
        write = WriteRequest(
            owner: owner, requestID: call.context.requestID.description, sourceAddress: call.context.source ?? "",
            traceparent: request.event?.trace.header ?? "", tracestate: request.headers.traceState ?? "")
        request.event?.add(.tenant(owner.tenant.text), .user(owner.user))
    }

    /// Nil when the path's last segment can't be any note's name.
    var noteID: UUID? { request.parameter("noteId").flatMap(UUID.init) }

    /// The query, without its `?`; nil where there is none.
    var query: [UInt8]? { request.query }

    /// The one field of that name; a repeated one is refused.
    func header(_ name: HeaderName) throws(NotesError) -> String? {
        guard let index = request.headers.index(of: name) else { return nil }
        guard request.headers.index(of: name, from: index + 1) == nil else { throw .invalid("\(name) is repeated") }
        return request.headers[name]
    }

    /// The body of a write. A coding would have to be undone before it is read, and none is (RFC 9110 §8.4).
    func content() throws(NotesError) -> [UInt8] {
        // A list, whose elements may be empty; names of codings are case-insensitive (§8.4.1, §5.6.1.2).
        for line in lines(NotesHeader.contentEncoding) {
            for coding in line.split(whereSeparator: { Self.listSeparators.contains($0) })
            where String(decoding: coding, as: UTF8.self).lowercased() != "identity" {
                throw .unsupportedCoding
            }
        }
        return body
    }

    private static let listSeparators = [UInt8(ascii: ","), UInt8(ascii: " "), UInt8(ascii: "\t")]

    func precondition() throws(NotesError) -> Precondition {
        try Precondition(ifMatch: lines(.ifMatch), ifNoneMatch: lines(.ifNoneMatch))
    }

    /// The values of all lines of a field that is a list.
    private func lines(_ name: HeaderName) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        request.headers.forEachValue(ofLowercase: name.bytes.span) { value in
            var line: [UInt8] = []
            line.append(value)
            lines.append(line)
        }
        return lines
    }
}
