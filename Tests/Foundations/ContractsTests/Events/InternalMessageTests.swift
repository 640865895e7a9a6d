import Contracts
import Crypto
import Encodings
import Testing

@Suite struct InternalMessageTests {
    func stream(_ seed: UInt64 = 1) -> StreamID {
        var generator = GeneratedEvents(seed: seed)
        return StreamID(source: .notes, tenant: generator.text(atMost: 60, atLeast: 1), shard: 7, epoch: generator.uuid())
    }

    @Test(arguments: 0..<20)
    func `questions for marks and their answers are read as they were written`(seed: UInt64) throws {
        let marks = [StreamMark(stream: stream(seed), mark: 41), StreamMark(stream: stream(seed + 99), mark: 0, backedUp: 12)]
        let request = MarksRequest(streams: marks, wait: 20).encoded()
        #expect(try MarksRequest(request.span, source: .notes) == MarksRequest(streams: marks, wait: 20))
        let response = MarksResponse(marks: marks).encoded()
        #expect(try MarksResponse(response.span, source: .notes) == MarksResponse(marks: marks))
    }

    @Test func `a page of streams is read as it was written`() throws {
        let page = StreamsPage(
            streams: [
                StreamHead(stream: stream(1), head: 3, digest: SHA256.hash([UInt8](repeating: 3, count: 3))),
                StreamHead(stream: stream(2), head: 0, digest: nil),
            ], next: "a/b", unreadable: ["us-east-1_A", "us-east-1_B"])
        let bytes = page.encoded()
        #expect(try StreamsPage(bytes.span, source: .notes) == page)
    }

    @Test func `a replay's question and answer are read as they were written`() throws {
        let request = ReplayRequest(stream: stream(), from: 4, to: 9).encoded()
        #expect(try ReplayRequest(request.span, source: .notes) == ReplayRequest(stream: stream(), from: 4, to: 9))
        let response = ReplayResponse(head: 60, envelopes: [[], [1, 2, 3], [UInt8](repeating: 255, count: 1_000)]).encoded()
        #expect(try ReplayResponse(response.span) == ReplayResponse(head: 60, envelopes: [[], [1, 2, 3], [UInt8](repeating: 255, count: 1_000)]))
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"streams":[],"wait":-1}"#, #"{"streams":[],"wait":21}"#, #"{"streams":[{}],"wait":1}"#,
        #"{"streams":[{"tenant":"","shard":0,"epoch":"01890a5d-ac96-774b-bcce-b302099a8057","mark":1}],"wait":1}"#,
        #"{"streams":[{"tenant":"t","shard":-1,"epoch":"01890a5d-ac96-774b-bcce-b302099a8057","mark":1}],"wait":1}"#,
        #"{"streams":[{"tenant":"t","shard":0,"epoch":"x","mark":1}],"wait":1}"#,
        #"{"streams":[{"tenant":"t","shard":0,"epoch":"01890a5d-ac96-774b-bcce-b302099a8057","mark":1.5}],"wait":1}"#,
    ])
    func `what is no question for marks is refused`(text: String) {
        let bytes = Array(text.utf8)
        #expect(throws: MessageError.self) { try MarksRequest(bytes.span, source: .notes) }
    }

    @Test func `more streams than a question may have are refused`() {
        let marks = (0..<1_001).map { StreamMark(stream: stream(UInt64($0)), mark: 1) }
        let bytes = MarksRequest(streams: marks, wait: 1).encoded()
        #expect(throws: MessageError.tooMany) { try MarksRequest(bytes.span, source: .notes) }
    }

    @Test func `a replay from nowhere or backwards is refused`() {
        for (from, to) in [(0, 5), (5, 4)] as [(UInt64, UInt64)] {
            let bytes = ReplayRequest(stream: stream(), from: from, to: to).encoded()
            #expect(throws: MessageError.invalid(member: "from")) { try ReplayRequest(bytes.span, source: .notes) }
        }
    }
}
