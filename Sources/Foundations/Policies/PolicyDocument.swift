public import JSON

/// An identity-based IAM policy, checked and ready to be evaluated.
public struct PolicyDocument: Sendable, Equatable {
    public let statements: [Statement]

    /// Most statements in one document.
    public static let maximumStatements = 1000

    /// Most bytes of the actions and resources that are merged for one caller: what four roles may have. What a request costs grows with them.
    public static let maximumMergedBytes = 40_960

    public init(statements: [Statement]) {
        self.statements = statements
    }

    /// One document that says what all of `documents` say.
    public init(merging documents: [PolicyDocument]) {
        statements = documents.flatMap(\.statements)
    }

    /// The same, where nobody has bounded how many documents there are: they are evaluated for each of a caller's requests.
    public init(mergingForOneCaller documents: [PolicyDocument]) throws(PolicyError) {
        self.init(merging: documents)
        guard statements.count <= PolicyDocument.maximumStatements else { throw .tooManyStatements(limit: PolicyDocument.maximumStatements) }
        let bytes = statements.reduce(0) { sum, statement in
            let actions = statement.actions.patterns.reduce(0) { $0 + $1.text.utf8.count }
            return sum + statement.resources.patterns.reduce(actions) { $0 + $1.text.utf8.count }
        }
        guard bytes <= PolicyDocument.maximumMergedBytes else { throw .tooLong(bytes, limit: PolicyDocument.maximumMergedBytes) }
    }

    /// One statement about everything: to allow it, for the cluster's root, or to deny it.
    public static func everything(_ effect: Statement.Effect) throws(PolicyError) -> PolicyDocument {
        PolicyDocument(statements: [Statement(effect: effect, actions: .init([try ActionPattern("*")]), resources: .init([try ResourcePattern("*")]))]
        )
    }

    public func decide(action: String, resource: String) -> Decision {
        CompiledPolicy(self, action: action).decide(resource: resource.utf8.span)
    }

    /// The document as JSON, statements without their ids.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("Version")
        // What looks like a variable can only have come from a document of 2008, where it is plain text: it must stay so.
        writer.string(statements.contains { $0.resources.patterns.contains { $0.text.contains("${") } } ? "2008-10-17" : "2012-10-17")
        writer.key("Statement")
        writer.beginArray()
        for statement in statements {
            writer.beginObject()
            writer.member("Effect", statement.effect.rawValue)
            PolicyDocument.write(statement.actions.patterns.map(\.text), statement.actions.isNegated ? "NotAction" : "Action", to: &writer)
            PolicyDocument.write(statement.resources.patterns.map(\.text), statement.resources.isNegated ? "NotResource" : "Resource", to: &writer)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
    }

    private static func write(_ texts: [String], _ key: String, to writer: inout JSONWriter) {
        writer.key(key)
        writer.beginArray()
        for text in texts { writer.string(text) }
        writer.endArray()
    }
}
