import Synchronization
import Testing

@testable import Transport

@Suite("Ticket keys")
struct TicketKeyTests {
    private final class Clock: Sendable {
        let seconds = Atomic<Int64>(1_000_000)
        func advance(hours: Double) { seconds.add(Int64(hours * 3600), ordering: .relaxed) }
    }

    private let clock = Clock()
    private var keys: TicketKeys {
        let clock = clock
        return TicketKeys { clock.seconds.load(ordering: .relaxed) }
    }

    @Test("a key seals for four hours and opens for four more")
    func rotation() {
        let keys = keys
        let first = keys.nameForSealing()
        #expect(first.count == 16)
        #expect(keys.nameForSealing() == first)
        #expect(keys.opens(first) == .newest)
        clock.advance(hours: 3.9)
        #expect(keys.nameForSealing() == first)
        clock.advance(hours: 0.2)
        #expect(keys.opens(first) == .old)
        let second = keys.nameForSealing()
        #expect(second != first)
        #expect(keys.opens(first) == .old)
        #expect(keys.opens(second) == .newest)
        clock.advance(hours: 4)
        #expect(keys.opens(first) == .not)
        #expect(keys.opens(second) == .old)
    }

    @Test("no more than two keys are ever held")
    func bound() {
        let keys = keys
        for _ in 0..<10 {
            _ = keys.nameForSealing()
            #expect(keys.count <= 2)
            clock.advance(hours: 4.1)
        }
        clock.advance(hours: 100)
        #expect(keys.opens([UInt8](repeating: 0, count: 16)) == .not)
        #expect(keys.count == 0)
    }
}
