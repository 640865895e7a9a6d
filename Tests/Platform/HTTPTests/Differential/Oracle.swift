import Foundation
import TestTools

/// The foreign parsers: h11 and llhttp (by way of httptools), in the test environment's Python.
enum Oracle {
    struct Verdict: Decodable {
        let h11: [Reading.Message]
        let llhttp: [Reading.Message]
    }

    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    private static let root = URL(filePath: #filePath).appending(path: "../../../../..").standardized

    /// - Parameter kind: `requests` or `responses`.
    static func read(_ kind: String, _ cases: [[UInt8]]) async throws -> [Verdict] {
        let python = root.appending(path: ".venv/bin/python").path()
        guard FileManager.default.isExecutableFile(atPath: python) else {
            throw Missing(description: "no .venv: run ops/scripts/install test, which brings h11 and httptools")
        }
        let lines = cases.map { $0.map { String(format: "%02x", $0) }.joined() }
        let oracle = try await ForeignProgram.run(
            python, [root.appending(path: "Tests/Clients/framing_oracle.py").path(), kind], input: Array((lines.joined(separator: "\n") + "\n").utf8))
        guard oracle.status == 0 else { throw Missing(description: "framing_oracle.py failed: \(oracle.errors)") }
        return try oracle.text.split(separator: "\n").map { try JSONDecoder().decode(Verdict.self, from: Data($0.utf8)) }
    }
}
