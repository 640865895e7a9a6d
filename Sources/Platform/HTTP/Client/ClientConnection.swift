internal import Bytes
internal import Transport

/// One connection of a pool, and where it stands in the exchange it is used for. Only its pool touches it.
final class ClientConnection {
    let stream: Stream
    let lane: Int
    let authority: [UInt8]
    /// Tells exchanges apart: what is held from an earlier one is refused.
    var exchange: UInt64 = 0
    var method = Method.get
    /// The server keeps the connection, and the request has been sent whole.
    var persists = false
    var bodyTimeout: UInt64 = 0
    /// Since when nobody takes what there is of the response's body; nil while somebody does, or nobody could.
    var standingSince: UInt64?
    /// Of a head that has arrived in part.
    private var parser: ResponseParser?
    var decoder = BodyDecoder(.none, limits: HeadLimits())
    var trailers: Headers?
    var outgoing = OutgoingBody()
    /// A streamed request body is on its way.
    var isSending = false
    /// Whether no byte of a response has come.
    var sawNothing = true

    init(stream: Stream, lane: Int, authority: [UInt8]) {
        self.stream = stream
        self.lane = lane
        self.authority = authority
    }

    /// Whether it has served a request before: then the server may have closed it in the meantime.
    var isReused: Bool { exchange > 0 }

    /// Whether the server has kept quiet and open since the last response.
    var isUsable: Bool { !stream.isClosed && !stream.isHalfClosed && stream.unreadCount == 0 }

    func begin(_ request: ClientRequest, exchange: UInt64, deadline: UInt64) {
        self.exchange = exchange
        method = request.method
        bodyTimeout = request.bodyTimeoutMilliseconds
        trailers = nil
        standingSince = nil
        sawNothing = true
        stream.deadline = deadline
        parser = nil
    }

    /// - Returns: nil while the head is incomplete.
    func readHead(_ limits: HeadLimits) throws(ClientError) -> ResponseHead? {
        guard stream.unreadCount > 0 else { return nil }
        var parser = self.parser.take() ?? ResponseParser(to: method, limits: limits)
        do throws(ParseError) {
            guard let head = try stream.withUnread({ (input) throws(ParseError) in try parser.parse(input) }) else {
                self.parser = parser
                return nil
            }
            stream.consume(parser.consumed)
            return head
        } catch {
            throw .malformed(error)
        }
    }

    func take(_ count: Int) -> [UInt8] {
        let bytes = stream.withUnread { [UInt8](copying: $0.extracting(0..<count)) }
        stream.consume(count)
        return bytes
    }

    func nextStep() throws(ClientError) -> BodyDecoder.Step {
        var next = decoder
        defer { decoder = next }
        do throws(ParseError) {
            return try stream.withUnread { (input) throws(ParseError) in try next.next(input) }
        } catch {
            throw .malformed(error)
        }
    }
}
