public import Encodings
public import Files

/// What is known outside of a shard's file of how far its outbox has come: by it a file that was set back to an older state (a copy put in its place, its
/// `-wal` removed) is told before it gives a place in a stream a second time.
///
/// Written after each commit, before anybody hears of it, and not synced but for the first of an epoch: so its word is never ahead of a file that is whole,
/// and what a power cut takes of it only lets it say less. A file made by a release without witnesses, or whose witness was removed, has none to speak for it and begins a new epoch, too.
public final class OutboxWitness {
    /// A stream, and an event of it that was committed.
    public struct Word: Equatable, Sendable {
        public let epoch: UUID
        public let head: UInt64

        public init(epoch: UUID, head: UInt64) {
            self.epoch = epoch
            self.head = head
        }
    }

    /// The latest word; nil where there is none that can be read.
    public private(set) var word: Word?
    private let file: RecordFile

    public init(_ path: String) throws(FileError) {
        file = try RecordFile(path)
        word = Word(try file.read(limit: Word.byteCount))
    }

    /// The file has that much, durably.
    func note(_ word: Word) {
        if word == self.word { return }
        // The file is what counts. A word that can't be written stays an older one, which at worst is one that the file passes.
        do throws(FileError) {
            try file.write(word.bytes)
            if word.epoch != self.word?.epoch { try file.sync() }
            self.word = word
        } catch {}
    }
}

extension OutboxWitness.Word {
    static let byteCount = 24

    /// The epoch's 16 bytes and the number, most significant byte first.
    var bytes: [UInt8] { epoch.bytes + (0..<8).map { UInt8(truncatingIfNeeded: head >> (56 - 8 * UInt64($0))) } }

    init?(_ bytes: [UInt8]) {
        // Zeros are what a power cut may leave of a file that was just made.
        guard bytes.count == Self.byteCount, bytes.contains(where: { $0 != 0 }), let epoch = UUID(bytes: bytes.span.extracting(0..<16)) else {
            return nil
        }
        self.init(epoch: epoch, head: bytes[16...].reduce(0) { $0 << 8 | UInt64($1) })
    }
}
