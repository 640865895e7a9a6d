import Foundation
import SigV4
import Testing

/// One case of the Signature Version 4 test suite that AWS publishes (Tests/Vectors/SigV4/README.md).
struct SuiteVector: Decodable, Sendable, CustomTestStringConvertible {
    var name: String
    var request: String
    var canonicalRequest: String
    var stringToSign: String
    var authorization: String
    var signedRequest: String
    var sessionToken: String?

    var testDescription: String { name }

    static let all: [SuiteVector] = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../Vectors/SigV4/aws4-test-suite.json")
        do {
            return try JSONDecoder().decode([SuiteVector].self, from: Data(contentsOf: file))
        } catch {
            Issue.record("\(file.path): \(error)")
            return []
        }
    }()

    var message: Message { Message(request) }
    var signedMessage: Message { Message(signedRequest) }

    /// The request's fields, with the session token that a signer with these credentials adds.
    var fieldsToSign: FieldList {
        var fields = message.fields
        if let sessionToken, message.value(of: "X-Amz-Security-Token") == nil { fields.append("X-Amz-Security-Token", sessionToken) }
        return fields
    }

    /// A message of the suite: `METHOD target HTTP/1.1`, fields with obsolete folding, an empty line and the body.
    struct Message {
        var method: String
        var target: String
        var fields = FieldList()
        var body = ""

        init(_ text: String) {
            let halves = text.split(separator: "\n\n", maxSplits: 1, omittingEmptySubsequences: false)
            if halves.count == 2 { body = String(halves[1]) }
            var lines: [String] = []
            for line in halves[0].split(separator: "\n") {
                if line.first == " " { lines[lines.count - 1] += "\n" + line } else { lines.append(String(line)) }
            }
            // The target itself may hold a space, so it is what lies between the first and the last.
            let start = lines.removeFirst().split(separator: " ", omittingEmptySubsequences: false)
            method = String(start[0])
            target = start[1..<(start.count - 1)].joined(separator: " ")
            for line in lines {
                let colon = line.firstIndex(of: ":") ?? line.endIndex
                fields.append(String(line[..<colon]), String(line[colon...].dropFirst()))
            }
        }

        func value(of name: String) -> String? {
            fields.fields.first { $0.name.lowercased() == name.lowercased() }?.value
        }
    }
}
