/// What it was done to, such as the note with an id.
public struct EventResource: Hashable, Sendable {
    public var type: String
    public var id: String

    public init(type: String, id: String) {
        self.type = type
        self.id = id
    }

    public static let note = "note"
    public static let user = "user"
    public static let tenant = "tenant"
}
