internal import Bytes
public import JSON

extension PolicyDocument {
    /// Reads a policy (IAM User Guide, "Grammar of the IAM JSON policy language").
    /// - Parameter limit: most characters, white space not counted: 2,048 inline for a user, 10,240 for a role; nil where the
    ///   document comes from inside the cluster.
    public init(parsing text: Span<UInt8>, limit: Int?) throws(PolicyError) {
        if let limit {
            var count = 0
            for index in text.indices where text[index] > 0x20 { count += 1 }
            guard count <= limit else { throw .tooLong(count, limit: limit) }
        }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSON.parse(text)
        } catch {
            throw .syntax(error)
        }
        try self.init(value)
        // What an operator uploads says something; only a document put together inside the cluster may say nothing.
        guard limit == nil || !statements.isEmpty else { throw .unexpected("a policy must have statements") }
    }

    /// A document that was read as JSON already. One without statements allows nothing.
    public init(_ value: JSONValue) throws(PolicyError) {
        guard case .object(let document) = value else { throw .unexpected("the document must be an object") }
        // Without a version a document is of 2008, which has no variables: `${` is plain text there.
        var hasVariables = false
        for member in document.members {
            switch (member.name, member.value) {
            case ("Version", "2012-10-17"): hasVariables = true
            case ("Version", "2008-10-17"), ("Id", .string), ("Statement", .array), ("Statement", .object): break
            default: throw .unexpected("element \(member.name)")
            }
        }
        let list: [JSONValue]
        switch document["Statement"] {
        case .array(let statements): list = statements
        case .some(let statement): list = [statement]
        case nil: throw .unexpected("a policy must have statements")
        }
        guard list.count <= PolicyDocument.maximumStatements else { throw .tooManyStatements(limit: PolicyDocument.maximumStatements) }
        var statements: [Statement] = []
        var ids: Set<String> = []
        for item in list {
            guard case .object(let object) = item else { throw .unexpected("a statement must be an object") }
            statements.append(try Statement(object, hasVariables: hasVariables))
            if let id = object["Sid"]?.string, !id.isEmpty, !ids.insert(id).inserted { throw .duplicateStatementID(id) }
        }
        self.init(statements: statements)
    }
}

extension Statement {
    init(_ object: JSONObject, hasVariables: Bool) throws(PolicyError) {
        for member in object.members {
            switch member.name {
            case "Effect", "Action", "NotAction", "Resource", "NotResource": break
            case "Sid":
                guard let id = member.value.string, id.utf8.allSatisfy(\.isAlphanumeric) else { throw .invalidStatementID("\(member.value)") }
            case "Principal", "NotPrincipal": throw .principal
            case "Condition": throw .conditionUnsupported
            default: throw .unexpected("element \(member.name)")
            }
        }
        guard let effect = object["Effect"]?.string.flatMap(Effect.init) else { throw .missingEffect }
        let actions = try Statement.selection("Action", of: object, orElse: .missingActions)
        let resources = try Statement.selection("Resource", of: object, orElse: .missingResources)
        var actionPatterns: [ActionPattern] = []
        for text in actions.texts { actionPatterns.append(try ActionPattern(text)) }
        var resourcePatterns: [ResourcePattern] = []
        for text in resources.texts {
            if hasVariables, text.contains("${") { throw .variableUnsupported(text) }
            resourcePatterns.append(try ResourcePattern(text))
        }
        self.init(
            effect: effect, actions: Selection(actionPatterns, isNegated: actions.isNegated),
            resources: Selection(resourcePatterns, isNegated: resources.isNegated))
    }

    /// The texts of `name` or of `Not` + `name`, of which exactly one must be there: one string, or a list of at least one.
    private static func selection(
        _ name: String, of object: JSONObject, orElse missing: PolicyError
    ) throws(PolicyError) -> (texts: [String], isNegated: Bool) {
        let positive = object[name]
        let negative = object["Not\(name)"]
        guard positive == nil || negative == nil else { throw .both(name, "Not\(name)") }
        guard let value = positive ?? negative else { throw missing }
        var texts: [String] = []
        switch value {
        case .string(let text): texts = [text]
        case .array(let items):
            for item in items {
                guard let text = item.string else { throw .unexpected("\(name) must hold strings") }
                texts.append(text)
            }
        default: throw .unexpected("\(name) must hold strings")
        }
        guard !texts.isEmpty else { throw missing }
        return (texts, negative != nil)
    }
}
