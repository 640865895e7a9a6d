import JSON
import Policies
import Testing

@Suite struct PolicyTests {
    @Test func `There are vectors`() {
        #expect(EvaluationVector.all.count == 50)
        #expect(RefusalVector.all.count == 48)
    }

    @Test(arguments: EvaluationVector.all) func `A policy decides as its vector says`(_ vector: EvaluationVector) throws {
        let document = try PolicyDocument(vector.policy)
        #expect(document.decide(action: vector.action, resource: vector.resource).rawValue == vector.decision)
    }

    @Test(arguments: EvaluationVector.all) func `A policy that was written and read again decides the same`(_ vector: EvaluationVector) throws {
        var writer = JSONWriter()
        try PolicyDocument(vector.policy).write(to: &writer)
        let document = try PolicyDocument(parsing: writer.bytes.span, limit: nil)
        #expect(document.decide(action: vector.action, resource: vector.resource).rawValue == vector.decision)
    }

    @Test(arguments: RefusalVector.all) func `A document is refused by name`(_ vector: RefusalVector) throws {
        let error = #expect(throws: PolicyError.self) { try PolicyDocument(parsing: vector.policy.utf8.span, limit: 2048) }
        let name = String(describing: try #require(error)).prefix { $0 != "(" }
        #expect(name == vector.error)
    }

    @Test func `White space doesn't count towards the limit`() throws {
        let text = #"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#
        let spaced = text.replacing(",", with: ", \n\t")
        #expect(throws: Never.self) { try PolicyDocument(parsing: spaced.utf8.span, limit: text.utf8.count) }
        #expect(throws: PolicyError.tooLong(text.utf8.count, limit: text.utf8.count - 1)) {
            try PolicyDocument(parsing: text.utf8.span, limit: text.utf8.count - 1)
        }
    }

    @Test func `Merged documents say what each says`() throws {
        let allow = try PolicyDocument(JSON.parse(#"{"Statement":{"Effect":"Allow","Action":"a:B","Resource":"*"}}"#))
        let deny = try PolicyDocument(JSON.parse(#"{"Statement":{"Effect":"Deny","Action":"a:B","Resource":"arn:aws:a:r:1:x"}}"#))
        let both = PolicyDocument(merging: [allow, deny])
        #expect(both.decide(action: "a:B", resource: "arn:aws:a:r:1:y") == .allow)
        #expect(both.decide(action: "a:B", resource: "arn:aws:a:r:1:x") == .explicitDeny)
        #expect(PolicyDocument(merging: []).decide(action: "a:B", resource: "*") == .implicitDeny)
    }

    @Test func `A resource that is too long is told apart from one that is no ARN`() {
        let long = "arn:aws:a:r:1:" + String(repeating: "x", count: ResourcePattern.maximumLength)
        #expect(throws: PolicyError.resourceTooLong(limit: 512)) { _ = try ResourcePattern(long) }
        #expect(throws: PolicyError.invalidResource("x")) { _ = try ResourcePattern("x") }
    }

    @Test func `What is merged for one caller has its limits`() throws {
        func document(_ resources: Int, of length: Int, statements: Int = 1) throws -> PolicyDocument {
            let resource = try ResourcePattern("arn:aws:a:r:1:" + String(repeating: "x", count: length - 14))
            let statement = Statement(
                effect: .allow, actions: .init([try ActionPattern("*")]), resources: .init(Array(repeating: resource, count: resources)))
            return PolicyDocument(statements: Array(repeating: statement, count: statements))
        }
        func refusal(_ documents: PolicyDocument...) -> PolicyError? {
            do throws(PolicyError) { _ = try PolicyDocument(mergingForOneCaller: documents) } catch { return error }
            return nil
        }
        #expect(try refusal(document(1_000, of: 20), document(1_000, of: 20)) == nil)
        #expect(try refusal(document(79, of: 512)) == nil)
        #expect(try refusal(document(79, of: 512), document(1, of: 512)) == .tooLong(80 * 512 + 2, limit: 40_960))
        #expect(try refusal(document(1, of: 20, statements: 1001)) == .tooManyStatements(limit: 1000))
    }
}
