/// Who did it.
public struct EventActor: Hashable, Sendable {
    public var userID: String
    public var username: String
    /// An ARN, or one of the product's tools; empty for a user of a pool.
    public var principal: String
    /// How the caller was authenticated: `none`, `jwt`, `iam`, `custom`.
    public var method: String

    public init(userID: String, username: String = "", principal: String = "", method: String = "") {
        self.userID = userID
        self.username = username
        self.principal = principal
        self.method = method
    }

    /// A tool that an operator has asked a service with, by the service's own key: so nobody else is known to have done it.
    public static func tool(_ name: String) -> EventActor { EventActor(userID: "", principal: "strongroom \(name)") }
}
