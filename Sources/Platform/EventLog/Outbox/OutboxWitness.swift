public import Crypto
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
        /// The event's digest; nil where there is none yet.
        public let digest: SHA256Digest?

        public init(epoch: UUID, head: UInt64, digest: SHA256Digest?) {
            self.epoch = epoch
            self.head = head
            self.digest = digest
        }
    }

    /// The latest word; nil where there is none that can be read.
    public private(set) var word: Word?
    /// What the file once had and lacked when it was opened: the latest, oldest first.
    public private(set) var lost: [Word] = []
    private var isLossStored = true
    private let file: RecordFile
    private static let mostLost = 64

    public init(_ path: String) throws(FileError) {
        file = try RecordFile(path)
        let bytes = try file.read(limit: Word.byteCount * (1 + Self.mostLost))
        word = Word(bytes.prefix(Word.byteCount))
        for start in stride(from: Word.byteCount, to: bytes.count, by: Word.byteCount) {
            if let word = Word(bytes[start...].prefix(Word.byteCount)) { lost.append(word) }
        }
    }

    /// Whether the next process finds it: what isn't witnessed could be taken back without anybody noticing.
    var isInPlace: Bool { file.isInPlace }

    /// The file has that much, durably.
    func note(_ word: Word) {
        if word == self.word, isLossStored { return }
        // The file is what counts. A word that can't be written stays an older one, which at worst is one that the file passes.
        do throws(FileError) {
            try file.write(isLossStored ? word.bytes : word.bytes + lost.flatMap(\.bytes))
            if word.epoch != self.word?.epoch || !isLossStored { try file.sync() }
            self.word = word
            isLossStored = true
        } catch {}
    }

    /// The file lacks what ``word`` says. Stored with the next ``note(_:)``, which takes the word's place.
    func lose() {
        guard let word else { return }
        lost = (lost + [word]).suffix(Self.mostLost)
        isLossStored = false
    }
}

extension OutboxWitness.Word {
    static let byteCount = 56

    /// The epoch's 16 bytes, the number, most significant byte first, and the digest or as many zeros.
    var bytes: [UInt8] {
        epoch.bytes + (0..<8).map { UInt8(truncatingIfNeeded: head >> (56 - 8 * UInt64($0))) }
            + (digest?.bytes ?? [UInt8](repeating: 0, count: SHA256Digest.byteCount))
    }

    init?(_ slice: ArraySlice<UInt8>) {
        let bytes = Array(slice)
        // Zeros are what a power cut may leave of a file that was just made.
        guard bytes.count == Self.byteCount, bytes.contains(where: { $0 != 0 }), let epoch = UUID(bytes: bytes.span.extracting(0..<16)) else {
            return nil
        }
        let head = bytes[16..<24].reduce(0) { $0 << 8 | UInt64($1) }
        // What was damaged is no word.
        guard head <= UInt64(Int64.max) else { return nil }
        self.init(epoch: epoch, head: head, digest: head == 0 ? nil : SHA256Digest(bytes.span.extracting(24...)))
    }
}
