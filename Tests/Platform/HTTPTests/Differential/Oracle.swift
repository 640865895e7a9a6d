import Foundation

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
    static func read(_ kind: String, _ cases: [[UInt8]]) throws -> [Verdict] {
        let python = root.appending(path: ".venv/bin/python").path()
        guard FileManager.default.isExecutableFile(atPath: python) else {
            throw Missing(description: "no .venv: run ops/scripts/install test, which brings h11 and httptools")
        }
        let folder = FileManager.default.temporaryDirectory.appending(path: "framing-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }  // a temporary folder left over harms nobody
        let input = folder.appending(path: "cases")
        let lines = cases.map { $0.map { String(format: "%02x", $0) }.joined() }
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: input)
        let output = folder.appending(path: "verdicts")
        try Data().write(to: output)

        let process = Process()
        process.executableURL = URL(filePath: python)
        process.arguments = [root.appending(path: "Tests/Clients/framing_oracle.py").path(), kind]
        process.standardInput = try FileHandle(forReadingFrom: input)
        process.standardOutput = try FileHandle(forWritingTo: output)
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Missing(description: "framing_oracle.py failed") }
        let text = try String(contentsOf: output, encoding: .utf8)
        return try text.split(separator: "\n").map { try JSONDecoder().decode(Verdict.self, from: Data($0.utf8)) }
    }
}
