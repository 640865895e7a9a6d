import Observability
import Testing

@Suite struct TraceContextTests {
    private func parse(_ text: String) -> TraceContext? {
        TraceContext(parsing: Array(text.utf8).span)
    }

    @Test func aValidHeaderComesBackAsItWas() throws {
        let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        #expect(try #require(parse(header)).header == header)
    }

    @Test(arguments: [
        "", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01", "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.more",
        "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
    ])
    func whatTheSpecificationCallsInvalidIsRefused(_ header: String) {
        #expect(parse(header) == nil)
    }

    @Test func aLaterVersionIsReadAsFarAsItIsKnown() throws {
        let context = try #require(parse("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03-what-the-future-holds"))
        #expect(context.header == "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    }

    @Test func aChildKeepsTheTraceAndTakesAnotherSpan() {
        let parent = TraceContext(random: (1, 2, 3))
        let child = parent.child(random: 9)
        #expect(child.header == "00-00000000000000010000000000000002-0000000000000009-01")
        #expect(parent.child(random: 0).span != 0)
        #expect(TraceContext(random: (0, 0, 0)).header == "00-00000000000000000000000000000001-0000000000000001-01")
    }
}
