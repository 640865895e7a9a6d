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
        #expect(machine.committed(stream, first: 1, sizes: [20], now: 1_000).count == 1)
        #expect(machine.committed(elsewhere, first: 1, sizes: [10], now: 1_000).count == 0)
        machine.recheck(other, head: 1)
        machine.forget(tenant: "t")
        #expect(machine.unconfirmedBytes == 0 && machine.backlog == 1)
        #expect(machine.questions(atMost: 10).map(\.stream) == [elsewhere])
        #expect(machine.nextRead()?.stream == elsewhere)
        // What the broker says of it later is of no interest.
        machine.deliveryFailed(stream, pass: 0, now: 2_000)
        #expect(machine.nextRead() == nil && !machine.marked(stream, mark: 1, now: 2_000))
    }

    @Test func `what audit turns out to lack, once it is asked again, is sent again and asked about until it has it`() {
        var machine = RelayMachine(limits: RelayLimits(windowBytes: 1 << 20))
        _ = machine.committed(stream, first: 1, sizes: [10, 10, 10], now: 1_000)
        machine.marked(stream, mark: 3, now: 1_000)
        #expect(machine.isIdle)
        machine.recheck(stream, head: 3)
        #expect(machine.marked(stream, mark: 1, now: 2_000) && machine.backlog == 2)
        let read = machine.nextRead()
        #expect(read?.from == 2 && read?.to == 3)
        #expect(machine.questions(atMost: 10).map(\.mark) == [1])
        #expect(machine.marked(stream, mark: 3, now: 3_000) && machine.isIdle)
    }

    @Test func `what can't be delivered is tried again after a while, whatever is written meanwhile`() {
        var machine = RelayMachine(limits: RelayLimits(windowBytes: 1 << 20, resendAfter: 2_000, resendAtMost: 60_000))
        #expect(machine.committed(stream, first: 1, sizes: [10], now: 1_000).count == 1)
        machine.deliveryFailed(stream, pass: 0, now: 1_000)
        #expect(machine.committed(stream, first: 2, sizes: [10], now: 1_500).count == 0)
        // Audit can't be asked, which puts off only what waits for its word.
        machine.unanswered(now: 2_500)
        machine.tick(now: 2_999)
        #expect(machine.nextRead() == nil)
        machine.tick(now: 3_000)
        #expect(machine.nextRead().map { [$0.from, $0.to, $0.pass] } == [1, 2, 1])
    }

    @Test func `what audit does not take of some streams leaves room for the others`() throws {
        var machine = RelayMachine(limits: RelayLimits(windowBytes: 1_000, resendAfter: 2_000, resendAtMost: 60_000))
        let taken = StreamID(source: .notes, tenant: "u", shard: 0, epoch: UUID.v7(at: .epoch, random: (3, 3)))
        for stream in [stream, other] { _ = machine.committed(stream, first: 1, sizes: Array(repeating: 10, count: 1_000), now: 0) }
        #expect(machine.committed(taken, first: 1, sizes: [10, 10], now: 0).count == 2)
        machine.marked(taken, mark: 2, now: 0)
        // Once they were sent in vain, an event at a time.
        machine.tick(now: 2_000)
        for expected in [stream, other] {
            let next = machine.nextRead()
            let read = try #require(next)
            #expect(read.stream == expected && read.from == 1 && read.to == 1)
            #expect(machine.loaded(read, sizes: [10]) == 1)
        }
        #expect(machine.nextRead() == nil && machine.unconfirmedBytes == 20)
        #expect(machine.committed(stream, first: 1_001, sizes: [10], now: 2_500).count == 0)
        #expect(machine.committed(taken, first: 3, sizes: Array(repeating: 10, count: 40), now: 2_500).count == 40)
        // Until audit takes one.
        machine.marked(stream, mark: 1, now: 3_000)
        #expect(machine.nextRead().map { [$0.from, $0.to] } == [2, 1_001])
    }

    @Test func `streams that are too many for one question are asked about in turn`() {
        var machine = RelayMachine(limits: RelayLimits(windowBytes: 1 << 20))
        let streams = (0..<5).map { StreamID(source: .notes, tenant: "t", shard: 0, epoch: UUID.v7(at: .epoch, random: (4, $0))) }
        for stream in streams { _ = machine.committed(stream, first: 1, sizes: [10], now: 0) }
        let asked = (0..<3).map { _ in machine.questions(atMost: 2).map(\.stream) }
        #expect(asked == [[streams[0], streams[1]], [streams[2], streams[3]], [streams[4], streams[0]]])
        // What has been confirmed is left out, and the turn goes on.
        machine.marked(streams[1], mark: 1, now: 0)
        #expect(machine.questions(atMost: 2).map(\.stream) == [streams[2], streams[3]])
        #expect(machine.questions(atMost: 9).map(\.stream) == [streams[0], streams[2], streams[3], streams[4]])
    }

    @Test func `a stream whose mark stands still is sent again, unless audit is busy with others`() {
        var machine = RelayMachine(limits: RelayLimits(windowBytes: 1 << 20, resendAfter: 2_000, resendAtMost: 60_000))
        _ = machine.committed(stream, first: 1, sizes: [10], now: 0)
        _ = machine.committed(other, first: 1, sizes: [10, 10, 10], now: 0)
        machine.marked(other, mark: 1, now: 1_000)
        machine.tick(now: 2_500)
        #expect(machine.nextRead() == nil)
        machine.marked(other, mark: 2, now: 2_500)
        machine.tick(now: 4_000)
        #expect(machine.nextRead() == nil)
        // Audit takes nothing at all any more.
        machine.tick(now: 4_500)
        #expect(machine.nextRead()?.stream == stream && machine.nextRead()?.from == 3)
    }

    @Test func `a stream whose mark stands still is sent again in the end, however busy audit is`() {
        var machine = RelayMachine(limits: RelayLimits(windowBytes: 1 << 20, resendAfter: 2_000, resendAtMost: 60_000))
        _ = machine.committed(stream, first: 1, sizes: [10], now: 0)
        _ = machine.committed(other, first: 1, sizes: Array(repeating: 10, count: 61), now: 0)
        for second in 1...UInt64(60) {
            #expect(machine.nextRead() == nil)
            machine.marked(other, mark: second, now: second * 1_000)
            machine.tick(now: second * 1_000)
        }
        #expect(machine.nextRead()?.stream == stream)
    }
}
