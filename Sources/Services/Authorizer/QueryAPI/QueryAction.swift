/// One action of the Query API: a row of the table that `QueryRoutes` puts together.
struct QueryAction: Sendable {
    /// Writes the content of the answer's result element.
    typealias Result = @Sendable (inout AnswerWriter) -> Void

    let service: QueryService
    let name: String
    /// The parameters it knows. Any other is refused.
    let parameters: Set<String>
    /// What the caller must be allowed to act on; nil if anyone who is known may call it.
    let resource: (@Sendable (QueryInvocation) throws(QueryError) -> String)?
    /// Nil for actions whose answer has no result element.
    let perform: @Sendable (QueryInvocation) async throws -> Result?

    init(
        _ service: QueryService = .iam, _ name: String, _ parameters: Set<String>,
        resource: (@Sendable (QueryInvocation) throws(QueryError) -> String)?,
        perform: @escaping @Sendable (QueryInvocation) async throws -> Result?
    ) {
        self.service = service
        self.name = name
        self.parameters = parameters
        self.resource = resource
        self.perform = perform
    }
}
