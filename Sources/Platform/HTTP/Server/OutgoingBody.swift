/// Where a connection stands in the body it is sending.
struct OutgoingBody {
    enum Mode {
        /// Nothing is being sent piece by piece.
        case none
        case length(remaining: Int)
        case chunked
        case untilClose
        case finished
    }

    var mode = Mode.none
    /// The head, until it goes out with the first piece.
    var pending: [UInt8] = []
    private static let lastChunk = Array("0\r\n\r\n".utf8)

    /// What precedes and follows a piece on the wire.
    /// - Returns: nil if there is nothing to send.
    mutating func frame(_ piece: [UInt8]) throws(HTTPError) -> (before: [UInt8], after: [UInt8])? {
        var before = pending
        switch mode {
        case .none, .finished: throw .bodyUnavailable
        case .length(let remaining):
            guard piece.count <= remaining else { throw .lengthMismatch }
            mode = .length(remaining: remaining - piece.count)
        case .untilClose: break
        case .chunked:
            // An empty chunk would end the body.
            if piece.isEmpty { break }
            before.append(contentsOf: String(piece.count, radix: 16).utf8)
            before.append(13)
            before.append(10)
            pending = []
            return (before, [13, 10])
        }
        pending = []
        return before.isEmpty && piece.isEmpty ? nil : (before, [])
    }

    /// What ends the body on the wire.
    mutating func end(trailers: Headers?) throws(HTTPError) -> [UInt8] {
        var bytes = pending
        pending = []
        switch mode {
        case .none, .finished: break
        case .length(let remaining):
            guard remaining == 0 else { throw .lengthMismatch }
        case .untilClose: break
        case .chunked:
            if let trailers, !trailers.isEmpty {
                bytes.append(contentsOf: [48, 13, 10])
                for index in 0..<trailers.count where !FieldRules.isFraming(trailers, index) {
                    FieldRules.append(trailers, index, to: &bytes)
                }
                bytes.append(13)
                bytes.append(10)
            } else {
                bytes.append(contentsOf: Self.lastChunk)
            }
        }
        mode = .finished
        return bytes
    }
}
