internal import JSON

/// What a client writes: a title and a content.
struct NoteDraft: Equatable, Sendable {
    static let untitled = Array("Untitled".utf8)
    /// Bytes of UTF-8 a title may have.
    static let maximumTitle = 4096
    /// Bytes of UTF-8 title and content may have together: DynamoDB's limit for an item.
    static let maximumTotal = 400 * 1024
    private static let limits = JSONLimits(bytes: maximumBody, depth: 16, values: 1024)
    /// Bytes of a request's body: the longest note, with room for JSON's escapes.
    static let maximumBody = 1 << 20

    let title: [UInt8]
    let content: [UInt8]

    /// Reads a request's body, of whatever content type: an empty one is an empty object, an absent title is "Untitled" and an
    /// absent content "". Members of other names are left alone, as the service we replace did.
    init(parsing body: [UInt8]) throws(NotesError) {
        guard body.count <= Self.maximumBody else { throw .tooLarge }
        if body.isEmpty {
            self.init(title: Self.untitled, content: [])
            return
        }
        let json: JSONValue
        do throws(JSONError) {
            json = try JSON.parse(body.span, limits: Self.limits)
        } catch {
            throw .invalid("The body is not valid JSON")
        }
        guard json.object != nil else { throw .invalid("The body must be a JSON object") }
        self.init(title: try Self.text(json, "title") ?? Self.untitled, content: try Self.text(json, "content") ?? [])
        guard title.count <= Self.maximumTitle else { throw .invalid("The title is longer than \(Self.maximumTitle) bytes") }
        guard title.count + content.count <= Self.maximumTotal else {
            throw .invalid("The note is longer than \(Self.maximumTotal) bytes")
        }
    }

    init(title: [UInt8], content: [UInt8]) {
        self.title = title
        self.content = content
    }

    private static func text(_ json: JSONValue, _ name: String) throws(NotesError) -> [UInt8]? {
        guard let value = json[name] else { return nil }
        guard let text = value.string else { throw .invalid("\(name) must be a string") }
        return Array(text.utf8)
    }
}
