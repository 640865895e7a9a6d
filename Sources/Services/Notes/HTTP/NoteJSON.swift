internal import Encodings
internal import HTTP
internal import JSON

/// The API's bodies, member by member in the seed's order.
enum NoteJSON {
    static func response(_ note: Note, of owner: NoteOwner, status: Status, position: String?) -> Response {
        var writer = JSONWriter(reserving: 256 + note.title.count + note.content.count)
        write(note, of: owner, to: &writer)
        var response = Response.json(writer.bytes, status: status)
        response.headers.add(.etag, EntityTags.tag(note.version))
        if let position { response.headers.add(NotesHeader.auditPosition, position) }
        return response
    }

    static func list(_ notes: [Note], of owner: NoteOwner, nextToken: String?) -> [UInt8] {
        var writer = JSONWriter(
            reserving: 64
                + notes.reduce(0) {
                    $0 + 256 + JSONWriter.length(ofString: $1.title.span) + JSONWriter.length(ofString: $1.content.span)
                })
        writer.beginObject()
        writer.key("notes")
        writer.beginArray()
        for note in notes { write(note, of: owner, to: &writer) }
        writer.endArray()
        writer.member("count", notes.count)
        if let nextToken {
            writer.member("nextToken", nextToken)
        }
        writer.endObject()
        return writer.bytes
    }

    static func noContent(position: String) -> Response {
        Response(.noContent, headers: [NotesHeader.auditPosition: position])
    }

    /// `{"error": …}`
    static func error(_ message: String, status: Status) -> Response {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("error", message)
        writer.endObject()
        return .json(writer.bytes, status: status)
    }

    private static func write(_ note: Note, of owner: NoteOwner, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("userId", owner.user)
        writer.member("noteId", note.id.description)
        writer.member("title", utf8: note.title.span)
        writer.member("content", utf8: note.content.span)
        writer.member("createdAt", note.createdAt.iso8601())
        writer.endObject()
    }
}
