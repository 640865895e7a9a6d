public import Encodings

/// What a backup is called: the name of its folder.
public struct BackupName: Hashable, Sendable, CustomStringConvertible {
    public let text: String
    public var description: String { text }

    public init(_ text: String) throws(BackupError) {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
            default: false
            }
        }
        guard isPlain, 1...64 ~= text.utf8.count, text.utf8.first != UInt8(ascii: "."), !text.hasSuffix(BackupFolder.unfinishedSuffix) else {
            throw .invalidName(text)
        }
        self.text = text
    }

    /// The moment, as `20260424T100000Z`.
    public init(of time: Timestamp) { text = time.amzDate() }
}
