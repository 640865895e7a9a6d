internal import Contracts
internal import Encodings
internal import JSON

/// Events as the API shows them. What is empty is left out.
enum EventJSON {
    /// What is left of an event without its body.
    struct Header {
        let position: StreamPosition
        let time: Timestamp
        let action: String?
        let outcome: EventOutcome?
    }

    enum Missing: String {
        /// The subject was erased, and the body with it.
        case erased
        /// The body is not what the leaf commits to: the file was tampered with.
        case unreadable
    }

    /// An answer: `{"events": […], "count": 2, "complete": false, "nextToken": "…"}`. It is complete when nothing that matches lies beyond
    /// it; if not, it has a token, and the page after it may be empty. Without a token it is incomplete while the log holds nothing of any
    /// source of the tenant's events: the first may still be on its way.
    static func encode(_ page: EventPage, nextToken: String?) -> [UInt8] {
        var writer = JSONWriter(reserving: page.json.count + 128)
        writer.beginObject()
        writer.key("events")
        writer.beginArray()
        if page.count > 0 { writer.raw(page.json.span) }
        writer.endArray()
        writer.member("count", page.count)
        writer.member("complete", page.isComplete && page.knowsSource)
        if let nextToken { writer.member("nextToken", nextToken) }
        writer.endObject()
        return writer.bytes
    }

    static func encode(_ event: Event, leaf: Int64) -> [UInt8] {
        let occurrence = event.occurrence
        var writer = JSONWriter(reserving: 640 + occurrence.data.count)
        writer.beginObject()
        writer.member("leaf", leaf)
        writer.memberUnlessEmpty("position", event.position.headerValue)
        writer.memberUnlessEmpty("id", occurrence.id.description)
        writer.memberUnlessEmpty("time", occurrence.time.iso8601())
        writer.memberUnlessEmpty("type", occurrence.type)
        writer.memberUnlessEmpty("action", occurrence.action)
        writer.memberUnlessEmpty("outcome", occurrence.outcome.name)
        writer.memberUnlessEmpty("reason", occurrence.reason)
        writer.memberUnlessEmpty("userId", occurrence.actor.userID)
        writer.memberUnlessEmpty("username", occurrence.actor.username)
        writer.memberUnlessEmpty("principal", occurrence.actor.principal)
        writer.memberUnlessEmpty("authenticatedBy", occurrence.actor.method)
        if let resource = occurrence.resource {
            writer.key("resource")
            writer.beginObject()
            writer.memberUnlessEmpty("type", resource.type)
            writer.memberUnlessEmpty("id", resource.id)
            writer.endObject()
        }
        writer.memberUnlessEmpty("requestId", occurrence.requestID)
        writer.memberUnlessEmpty("sourceAddress", occurrence.sourceAddress)
        writer.memberUnlessEmpty("traceparent", occurrence.traceparent)
        write(occurrence.data, of: occurrence.type, to: &writer)
        writer.endObject()
        return writer.bytes
    }

    static func withoutBody(_ missing: Missing, _ leaf: Int64, _ header: Header) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("leaf", leaf)
        writer.memberUnlessEmpty("position", header.position.headerValue)
        writer.memberUnlessEmpty("time", header.time.iso8601())
        writer.memberUnlessEmpty("action", header.action ?? "")
        writer.memberUnlessEmpty("outcome", header.outcome?.name ?? "")
        writer.member(missing.rawValue, true)
        writer.endObject()
        return writer.bytes
    }

    /// Data of a type this version does not know, or that is not what its type says, stays what it is: opaque bytes.
    private static func write(_ data: [UInt8], of type: String, to writer: inout JSONWriter) {
        if data.isEmpty { return }
        switch type {
        case EventType.noteWrite:
            guard let write = try? NoteWrite(data.span) else { break }
            return add(write, to: &writer)
        case EventType.auditQuery:
            guard let query = try? AuditQuery(data.span) else { break }
            return add(query, to: &writer)
        default: break
        }
        writer.memberUnlessEmpty("dataBase64", Base64.encode(data))
    }

    private static func add(_ write: NoteWrite, to writer: inout JSONWriter) {
        writer.key("data")
        writer.beginObject()
        if write.version > 0 {
            writer.member("version", write.version)
        }
        if !write.contentDigest.isEmpty { writer.memberUnlessEmpty("contentDigest", Hex.encode(write.contentDigest)) }
        writer.endObject()
    }

    private static func add(_ query: AuditQuery, to writer: inout JSONWriter) {
        writer.key("data")
        writer.beginObject()
        writer.key("filters")
        writer.beginArray()
        for filter in query.filters { writer.string(filter) }
        writer.endArray()
        writer.member("returned", query.returned)
        writer.endObject()
    }
}

extension JSONWriter {
    /// A member with a text, unless that is empty.
    mutating func memberUnlessEmpty(_ name: String, _ text: String) {
        if !text.isEmpty { member(name, text) }
    }
}
