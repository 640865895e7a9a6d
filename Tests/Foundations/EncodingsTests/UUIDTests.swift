import Encodings
import Testing

@Suite struct UUIDTests {
    // RFC 9562, appendices A.3 and A.6.
    @Test func `The vectors of the RFC have their version and time`() throws {
        let v7 = try #require(UUID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f"))
        #expect(v7.time == Timestamp(milliseconds: 0x017F_22E2_79B0))
        #expect(v7.description == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
        #expect(try #require(UUID("919108f7-52d1-4320-9bac-f847db4148a8")).time == nil)
    }

    @Test func `Version and variant are set whatever the random bits`() {
        for random in [(UInt64.min, UInt64.min), (UInt64.max, UInt64.max)] {
            let v4 = Array(UUID.v4(random: random).description)
            let v7 = Array(UUID.v7(at: Timestamp(seconds: 1_800_000_000), random: random).description)
            #expect(v4[14] == "4" && v7[14] == "7")
            #expect("89ab".contains(v4[19]) && "89ab".contains(v7[19]))
        }
    }

    @Test func `Version 7 is ordered by the microsecond`() {
        let start = Timestamp(microseconds: 1_800_000_000_000_000)
        let ids = (0..<2500).map { UUID.v7(at: start.adding(microseconds: $0), random: (.max, $0 % 2 == 0 ? .max : 0)) }
        #expect(ids == ids.sorted())
        #expect(ids.map(\.description) == ids.map(\.description).sorted())
    }

    @Test func `Bytes come back`() throws {
        let id = UUID.v4(random: (0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210))
        #expect(UUID(bytes: id.bytes.span) == id)
        #expect(UUID(id.description) == id)
        #expect(UUID(bytes: [1, 2, 3].span) == nil)
    }

    @Test(arguments: [
        "", "017F22E2-79B0-7CC3-98C4-DC0C0C07398F", "017f22e279b07cc398c4dc0c0c07398f", "{17f22e2-79b0-7cc3-98c4-dc0c0c07398}",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398", "017f22e2-79b0-7cc3-98c4-dc0c0c07398ff", "017f22e2_79b0-7cc3-98c4-dc0c0c07398f",
        "g17f22e2-79b0-7cc3-98c4-dc0c0c07398f",
    ])
    func `One id has one spelling`(_ text: String) {
        #expect(UUID(text) == nil)
    }
}
