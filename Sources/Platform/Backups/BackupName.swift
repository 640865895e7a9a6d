internal import Bytes
public import Encodings

/// What a backup is called: the name of its folder.
public struct BackupName: Hashable, Sendable, CustomStringConvertible {
    public let text: String
    public var description: String { text }

    public init(_ text: String) throws(BackupError) {
        let isPlain = text.utf8.allSatisfy { $0.isAlphanumeric || "-_.".utf8.contains($0) }
        guard isPlain, 1...64 ~= text.utf8.count, text.utf8.first != UInt8(ascii: "."), !text.hasSuffix(BackupFolder.unfinishedSuffix) else {
            throw .invalidName(text)
        }
        self.text = text
    }

    /// The moment, as `20260424T100000Z`.
    public init(of time: Timestamp) { text = time.amzDate() }
}
