import Contracts
import Encodings
import EventLog
import Testing

@Suite struct RelayMachineTests {
    let stream = StreamID(source: .notes, tenant: "t", shard: 0, epoch: UUID.v7(at: .epoch, random: (1, 1)))
    let other = StreamID(source: .notes, tenant: "t", shard: 1, epoch: UUID.v7(at: .epoch, random: (2, 2)))

    @Test func `the longest wait is since audit last took an event, however often it was sent`() {
        var machine = RelayMachine(limits: RelayLimits(windowBytes: 1 << 20))
        #expect(machine.longestWait(now: 5_000) == 0)
        _ = machine.committed(stream, first: 1, sizes: [10, 10], now: 1_000)
        #expect(machine.longestWait(now: 3_000) == 2_000)
        machine.producerFailed(now: 4_000)
        #expect(machine.longestWait(now: 5_000) == 4_000)
        machine.unanswered(now: 5_000)
        #expect(machine.longestWait(now: 5_000) == 4_000)
        machine.marked(stream, mark: 1, now: 6_000)
        #expect(machine.longestWait(now: 6_500) == 500)
        _ = machine.committed(other, first: 1, sizes: [10], now: 7_000)
        #expect(machine.longestWait(now: 8_000) == 2_000)
        machine.marked(stream, mark: 2, now: 8_000)
        machine.marked(other, mark: 1, now: 8_000)
        #expect(machine.longestWait(now: 9_000) == 0)
    }

    @Test func `a tenant that is deleted is waited for no longer, and gives its place in the window to others`() {
        var machine = RelayMachine(limits: RelayLimits(windowBytes: 20))
        let elsewhere = StreamID(source: .notes, tenant: "u", shard: 0, epoch: UUID.v7(at: .epoch, random: (3, 3)))
        #expect(machine.committed(stream, first: 1, sizes: [10, 10], now: 1_000).count == 2)
        #expect(machine.committed(elsewhere, first: 1, sizes: [10], now: 1_000).count == 0)
        machine.recheck(other)
        machine.forget(tenant: "t")
        #expect(machine.unconfirmedBytes == 0 && machine.backlog == 1)
        #expect(machine.questions(atMost: 10).map(\.stream) == [elsewhere])
        #expect(machine.nextRead()?.stream == elsewhere)
        // What the broker says of it later is of no interest.
        machine.deliveryFailed(stream, pass: 0, now: 2_000)
        #expect(machine.nextRead() == nil && !machine.marked(stream, mark: 1, now: 2_000))
    }
}
