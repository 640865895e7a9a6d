/// A body on its way out: what has been written and was not framed yet. It goes as fast as the client opens its windows.
public final class OutgoingData {
    private var pieces: [[UInt8]]
    private var first = 0
    private var offset = 0
    /// Bytes that wait.
    public private(set) var count: Int
    /// Bytes that have been framed.
    public private(set) var sent = 0
    /// Nothing more will be written.
    public private(set) var isFinished: Bool
    private(set) var trailers: FieldBlock?
    /// nghttp2 has asked for more than there was, and is told when there is.
    var isDeferred = false

    /// A body that is at hand.
    public init(_ bytes: [UInt8]) {
        pieces = [bytes]
        count = bytes.count
        isFinished = true
    }

    /// A body that is yet to be written.
    public init() {
        pieces = []
        count = 0
        isFinished = false
    }

    public func append(_ piece: [UInt8]) {
        guard !piece.isEmpty, !isFinished else { return }
        pieces.append(piece)
        count += piece.count
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
