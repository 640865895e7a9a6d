import TestTools

/// A consumer that is not ours.
enum Kcat {
    struct Failure: Error {
        let message: String
    }

    struct Message {
        let key: String
        let headers: Set<String>
    }

    /// Everything a topic holds.
    static func read(_ topic: String, brokers: String) async throws -> [Message] {
        let kcat = try await ForeignProgram.run("/usr/bin/kcat", ["-b", brokers, "-C", "-t", topic, "-e", "-q", "-f", "%k|%h\n"])
        guard kcat.status == 0 else { throw Failure(message: kcat.errors) }
        return kcat.text.split(separator: "\n").map { line in
            let parts = line.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
            return Message(key: String(parts[0]), headers: Set(parts.count > 1 ? parts[1].split(separator: ",").map(String.init) : []))
        }
    }
}
