import Foundation

/// A consumer that is not ours.
enum Kcat {
    struct Message {
        let key: String
        let headers: Set<String>
    }

    /// Everything a topic holds.
    static func read(_ topic: String, brokers: String) throws -> [Message] {
        let kcat = Process()
        kcat.executableURL = URL(filePath: "/usr/bin/kcat")
        kcat.arguments = ["-b", brokers, "-C", "-t", topic, "-e", "-q", "-f", "%k|%h\n"]
        let output = Foundation.Pipe()
        kcat.standardOutput = output
        kcat.standardError = FileHandle.nullDevice
        try kcat.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        kcat.waitUntilExit()
        return text.split(separator: "\n").map { line in
            let parts = line.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
            return Message(key: String(parts[0]), headers: Set(parts.count > 1 ? parts[1].split(separator: ",").map(String.init) : []))
        }
    }
}
