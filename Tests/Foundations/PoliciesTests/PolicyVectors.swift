import Foundation
import JSON
import Testing

/// A policy, a question and its answer: Tests/Vectors/Policies/evaluation.json.
struct EvaluationVector: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var policy: JSONValue
    var action: String
    var resource: String
    var decision: String

    static let all: [EvaluationVector] = load("evaluation.json").compactMap { value in
        guard let name = value["name"]?.string, let policy = value["policy"], let action = value["action"]?.string,
            let resource = value["resource"]?.string, let decision = value["decision"]?.string
        else { return nil }
        return EvaluationVector(testDescription: name, policy: policy, action: action, resource: resource, decision: decision)
    }
}

/// A document and the name of the error that refuses it: Tests/Vectors/Policies/refused.json.
struct RefusalVector: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var policy: String
    var error: String

    static let all: [RefusalVector] = load("refused.json").compactMap { value in
        guard let name = value["name"]?.string, let policy = value["policy"]?.string, let error = value["error"]?.string else { return nil }
        return RefusalVector(testDescription: name, policy: policy, error: error)
    }
}

private func load(_ name: String) -> [JSONValue] {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../Vectors/Policies/\(name)")
    do {
        return try JSON.parse(Array(Data(contentsOf: file))).array ?? []
    } catch {
        Issue.record("\(file.path): \(error)")
        return []
    }
}
