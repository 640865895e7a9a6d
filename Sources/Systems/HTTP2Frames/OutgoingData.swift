/// A body on its way out: what has been written and was not framed yet. It goes as fast as the client opens its windows.
public final class OutgoingData {
    private var pieces: [[UInt8]]
    private var first = 0
    private var offset = 0
    /// Bytes that wait.
    public private(set) var count: Int {
        didSet { total?.bytes += count - oldValue }
    }
    private let total: Total?
    /// Bytes that have been framed.
    public private(set) var sent = 0 {
        didSet { total?.sent += sent - oldValue }
    }
    /// Nothing more will be written.
    public private(set) var isFinished: Bool
    private(set) var trailers: FieldBlock?
    /// nghttp2 has asked for more than there was, and is told when there is.
    var isDeferred = false

    /// What waits in several bodies together, until they have been framed or nobody holds them any more.
    public final class Total {
        public fileprivate(set) var bytes = 0
        /// Bytes that have been framed.
        public fileprivate(set) var sent = 0

        public init() {}
    }

    /// A body that is at hand.
    public init(_ bytes: [UInt8], in total: Total? = nil) {
        pieces = [bytes]
        count = bytes.count
        isFinished = true
        self.total = total
        total?.bytes += count
    }

    /// A body that is yet to be written.
    public init(in total: Total? = nil) {
        pieces = []
        count = 0
        isFinished = false
        self.total = total
    }

    deinit { total?.bytes -= count }

    public func append(_ piece: [UInt8]) {
        guard !piece.isEmpty, !isFinished else { return }
        pieces.append(piece)
        count += piece.count
    }

    /// Lets go of what waits. Only for a session that sends nothing more.
    public func discard() {
        pieces = []
        first = 0
        offset = 0
        count = 0
    }

    public func finish(trailers: FieldBlock? = nil) {
        isFinished = true
        self.trailers = trailers
    }

    /// Copies the next bytes to `buffer`; the caller vouches for its length.
    func take(into buffer: UnsafeMutablePointer<UInt8>, _ capacity: Int) -> Int {
        // Most bodies are one piece, and go out in one frame.
        if pieces.count == 1, offset == 0, count > 0, count <= capacity {
            let piece = pieces[0]
            pieces = []
            unsafe piece.withUnsafeBufferPointer { piece in unsafe buffer.update(from: piece.baseAddress!, count: piece.count) }
            count = 0
            sent += piece.count
            return piece.count
        }
        var written = 0
        while written < capacity, first < pieces.count {
            let part = min(capacity - written, pieces[first].count - offset)
            unsafe pieces[first].withUnsafeBufferPointer { piece in
                unsafe (buffer + written).update(from: piece.baseAddress! + offset, count: part)
            }
            written += part
            offset += part
            if offset == pieces[first].count {
                pieces[first] = []
                first += 1
                offset = 0
            }
        }
        if first == pieces.count {
            pieces.removeAll(keepingCapacity: true)
            first = 0
        }
        count -= written
        sent += written
        return written
    }
}
