/// One method of one path of the API document.
final class Route: Sendable {
    static let anyMethod = "ANY"

    /// Position in its table; metrics are resolved by it.
    let index: Int
    /// `GET`, or `ANY` for `x-amazon-apigateway-any-method`.
    let method: String
    /// The resource's path as the document writes it, `/notes/{noteId}`.
    let template: RouteTemplate
    let integration: Integration
    /// Nil where the document says `security: []`.
    let authorizer: Authorizer?
    /// Scopes of which an access token must have one; empty where an id token is asked for.
    let scopes: [String]

    init(index: Int, method: String, template: RouteTemplate, integration: Integration, authorizer: Authorizer?, scopes: [String]) {
        self.index = index
        self.method = method
        self.template = template
        self.integration = integration
        self.authorizer = authorizer
        self.scopes = scopes
    }
}
