import Testing

@testable import HTTP2Frames

@Suite struct HTTP2SessionTests {
    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + frame(4, 0, 0, [])
    /// `:method GET`, `:scheme https`, `:path /` and `:authority a`, from the static table (RFC 7541, appendix A) but for the last.
    private static let fields: [UInt8] = [0x82, 0x87, 0x84, 0x01, 0x01, 0x61]

    private static func frame(_ type: UInt8, _ flags: UInt8, _ stream: UInt8, _ payload: [UInt8]) -> [UInt8] {
        [0, 0, UInt8(payload.count), type, flags, 0, 0, 0, stream] + payload
    }

    private static func head(_ stream: UInt8) -> [UInt8] { frame(1, 0x05, stream, fields) }

    private func status() -> FieldBlock {
        var block = FieldBlock()
        block.add(":status".utf8.span, "400".utf8.span)
        return block
    }

    @Test func aRequestIsReadAndAnswered() throws {
        let session = try HTTP2Session(FrameLimits())
        try session.receive((Self.preface + Self.head(1)).span)
        guard case .head(1, let block, true) = session.nextEvent() else {
            Issue.record("no head")
            return
        }
        #expect(block.count == 4)
        #expect(session.respond(to: 1, status(), body: OutgoingData([1, 2, 3])))
        var output: [UInt8] = []
        try session.send(into: &output, upTo: 1 << 16)
        #expect(output.suffix(3) == [1, 2, 3])
        #expect(session.bodies.isEmpty)
    }

    /// A client that resets what it has just asked for, in the same breath, leaves nothing behind.
    @Test func `what waits in several bodies is counted until nobody has it`() {
        let total = OutgoingData.Total()
        var (whole, written): (OutgoingData?, OutgoingData?) = (OutgoingData([1, 2, 3], in: total), OutgoingData(in: total))
        #expect(total.bytes == 3)
        written?.append([4, 5])
        #expect(total.bytes == 5)
        whole = nil
        #expect(whole == nil && total.bytes == 2)
        written?.discard()
        #expect(total.bytes == 0)
        written = nil
        #expect(total.bytes == 0)
    }

    @Test func aStreamThatIsNoMoreIsNotAnswered() throws {
        let session = try HTTP2Session(FrameLimits())
        try session.receive((Self.preface + Self.head(1) + Self.frame(3, 0, 1, [0, 0, 0, 8])).span)
        guard case .head(1, _, _) = session.nextEvent() else {
            Issue.record("no head")
            return
        }
        #expect(!session.respond(to: 1, status(), body: OutgoingData([1, 2, 3])))
        #expect(session.bodies.isEmpty)
    }

    /// A request's trailers come in pieces, and the stream is reset between them: whether before the last piece or after it is said, the block is over.
    @Test(arguments: [true, false]) func aBlockEndsWithTheStreamItIsOf(_ isSaidFirst: Bool) throws {
        let session = try HTTP2Session(FrameLimits())
        try session.receive((Self.preface + Self.frame(1, 0x04, 1, Self.fields)).span)
        // `x: y`, without END_HEADERS.
        try session.receive(Self.frame(1, 0x01, 1, [0x00, 0x01, 0x78, 0x01, 0x79]).span)
        #expect(session.isInBlock)
        session.reset(1, .cancel)
        var output: [UInt8] = []
        if isSaidFirst { try session.send(into: &output, upTo: 1 << 16) }
        try session.receive(Self.frame(9, 0x04, 1, [0x00, 0x01, 0x78, 0x01, 0x7A]).span)
        try session.send(into: &output, upTo: 1 << 16)
        #expect(!session.isInBlock)
        // The connection goes on, and both sides' tables agree.
        try session.receive(Self.head(3).span)
        while let event = session.nextEvent() {
            if case .head(3, let block, true) = event {
                #expect(block.count == 4)
                return
            }
        }
        Issue.record("no second request")
    }

    /// A block of a stream that is open is waited for.
    @Test func aBlockWithoutAnEndIsOne() throws {
        let session = try HTTP2Session(FrameLimits())
        try session.receive((Self.preface + Self.head(1) + Self.frame(1, 0x01, 3, Self.fields)).span)
        session.reset(1, .cancel)
        var output: [UInt8] = []
        try session.send(into: &output, upTo: 1 << 16)
        #expect(session.isInBlock)
    }

    /// Padding is no data: such frames count as what they are, those with a byte don't.
    @Test(arguments: [(0x08, [0], 1), (0x08, [0, 7], 0), (0x00, [], 1), (0x00, [7], 0), (0x01, [], 0)] as [(UInt8, [UInt8], Int)])
    func framesWithoutDataAreNuisances(_ flags: UInt8, _ payload: [UInt8], _ nuisances: Int) throws {
        let session = try HTTP2Session(FrameLimits())
        try session.receive((Self.preface + Self.frame(1, 0x04, 1, Self.fields)).span)
        _ = session.takeNuisances()
        try session.receive(Self.frame(0, flags, 1, payload).span)
        #expect(session.takeNuisances() == nuisances)
    }
}
