import Contracts
import Encodings
import Testing

@Suite struct StreamPositionTests {
    let position = StreamPosition(
        stream: StreamID(source: .notes, tenant: "us-east-1_A", shard: 3, epoch: UUID("01890a5d-ac96-774b-bcce-b302099a8057")!), seq: 42)

    @Test func `a position is read back from its header`() {
        #expect(position.headerValue == "notes.3.01890a5d-ac96-774b-bcce-b302099a8057.42")
        #expect(StreamPosition(headerValue: position.headerValue, tenant: "us-east-1_A") == position)
    }

    @Test(arguments: [
        "", "notes", "notes.3.01890a5d-ac96-774b-bcce-b302099a8057", "notes.3.01890a5d-ac96-774b-bcce-b302099a8057.0",
        "notes.3.01890a5d-ac96-774b-bcce-b302099a8057.042", "notes.+3.01890a5d-ac96-774b-bcce-b302099a8057.42",
        "notes.3.01890A5D-ac96-774b-bcce-b302099a8057.42", "other.3.01890a5d-ac96-774b-bcce-b302099a8057.42",
        "notes.4294967296.01890a5d-ac96-774b-bcce-b302099a8057.42", "notes.3.01890a5d-ac96-774b-bcce-b302099a8057.42.",
        "notes.3.01890a5d-ac96-774b-bcce-b302099a8057.18446744073709551616",
    ])
    func `anything else is no position`(text: String) {
        #expect(StreamPosition(headerValue: text, tenant: "us-east-1_A") == nil)
    }
}
