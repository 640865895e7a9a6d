import Foundation
import JSON
import Testing

/// One line of Tests/Vectors/JSON/parsing.json, read with Foundation's parser so that ours isn't its own judge.
struct JSONVector: Decodable, Sendable, CustomTestStringConvertible {
    var name: String
    var text: String?
    var base64: String?
    /// Repeated parts, for texts too long to write down.
    var parts: [Part]?
    var accept: Bool?
    var refuse: String?

    struct Part: Decodable, Sendable {
        var text: String
        var count: Int

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            text = try list.decode(String.self)
            count = try list.decode(Int.self)
        }
    }

    var bytes: [UInt8] {
        if let text { return Array(text.utf8) }
        if let base64, let data = Data(base64Encoded: base64) { return Array(data) }
        return (parts ?? []).flatMap { Array(String(repeating: $0.text, count: $0.count).utf8) }
    }

    var testDescription: String { name }

    static let all: [JSONVector] = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../Vectors/JSON/parsing.json")
        do {
            return try JSONDecoder().decode([JSONVector].self, from: Data(contentsOf: file))
        } catch {
            Issue.record("\(file.path): \(error)")
            return []
        }
    }()
}
