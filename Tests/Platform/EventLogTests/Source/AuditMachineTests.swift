import Contracts
import Crypto
import Encodings
import EventLog
import Testing

@Suite struct AuditMachineTests {
    let stream = StreamID(source: .notes, tenant: "t", shard: 0, epoch: UUID.v7(at: .epoch, random: (1, 1)))

    func digest(_ n: UInt8) -> SHA256Digest { SHA256.hash([n]) }

    /// A machine that has events 1 to `count`.
    func machine(_ count: UInt8) -> AuditMachine {
        var machine = AuditMachine()
        for n in 1...count { _ = receive(&machine, n) }
        return machine
    }

    func receive(_ machine: inout AuditMachine, _ n: UInt8, previous: SHA256Digest?? = .none, digest other: SHA256Digest? = nil) -> AuditDecision {
        let before = previous ?? (n == 1 ? nil : digest(n - 1))
        return machine.receive(stream, seq: UInt64(n), previous: before, digest: other ?? digest(n)) { digest(UInt8($0)) }
    }

    @Test func `the next event is appended, and one that is known is a duplicate`() {
        var machine = machine(3)
        #expect(receive(&machine, 4) == .append)
        #expect(receive(&machine, 4) == .duplicate)
        #expect(receive(&machine, 1) == .duplicate)
        #expect(machine.mark(of: stream) == 4)
    }

    @Test func `another event in a known place is a conflict and changes no mark`() {
        var machine = machine(3)
        #expect(receive(&machine, 2, digest: digest(99)) == .conflict)
        #expect(receive(&machine, 3, digest: digest(99)) == .conflict)
        #expect(machine.mark(of: stream) == 3)
        #expect(receive(&machine, 4) == .append)
        #expect(Completeness.compare(log: machine.streams, sources: [:]).map(\.status) == [.conflict])
    }

    @Test func `an event that does not follow on its predecessor is a conflict`() {
        var machine = machine(3)
        #expect(receive(&machine, 4, previous: digest(77)) == .conflict)
        #expect(receive(&machine, 4, previous: .some(nil)) == .conflict)
        #expect(machine.mark(of: stream) == 3)
    }

    @Test func `past a gap nothing is stored, and the missing events are asked for once at a time`() {
        var machine = machine(3)
        #expect(receive(&machine, 6) == .gap)
        let replays = machine.startReplays(now: 0)
        #expect(replays == [.init(stream: stream, from: 4, to: 6)])
        #expect(machine.startReplays(now: 0).isEmpty)
        for n: UInt8 in 4...6 { #expect(receive(&machine, n) == .append) }
        machine.endReplay(replays[0], head: 6, now: 1)
        #expect(machine.startReplays(now: 1).isEmpty)
    }

    @Test func `a replay of which nothing more is heard is started again`() {
        var machine = machine(3)
        _ = receive(&machine, 6)
        let replays = machine.startReplays(now: 1_000)
        #expect(replays.count == 1)
        #expect(machine.startReplays(now: 5_999).isEmpty)
        #expect(machine.startReplays(now: 6_000) == replays)
    }

    @Test func `a replay that brings nothing waits, and says lost only when the source has said so`() {
        var machine = machine(3)
        _ = receive(&machine, 6)
        machine.endReplay(machine.startReplays(now: 0)[0], head: nil, now: 0)
        #expect(machine.startReplays(now: 100).isEmpty)
        #expect(Completeness.compare(log: machine.streams, sources: [.notes: nil]).map(\.status) == [.missing])
        machine.endReplay(machine.startReplays(now: 10_000)[0], head: 6, now: 10_000)
        #expect(Completeness.compare(log: machine.streams, sources: [.notes: nil]).map(\.status) == [.lost])
        for n: UInt8 in 4...6 { _ = receive(&machine, n) }
        #expect(
            Completeness.compare(log: machine.streams, sources: [.notes: [StreamHead(stream: stream, head: 6, digest: digest(6))]]).map(\.status) == [
                .complete
            ])
    }

    @Test func `completeness tells what is missing, and admits what it does not know`() {
        let machine = machine(3)
        func status(_ heads: [StreamHead]?) -> [StreamCompleteness.Status] {
            Completeness.compare(log: machine.streams, sources: [.notes: heads]).map(\.status)
        }
        #expect(status(nil) == [.unknown])
        #expect(status([]) == [.unknown])
        #expect(status([StreamHead(stream: stream, head: 3, digest: digest(3))]) == [.complete])
        #expect(status([StreamHead(stream: stream, head: 5, digest: digest(5))]) == [.missing])
        #expect(status([StreamHead(stream: stream, head: 3, digest: digest(9))]) == [.conflict])
        #expect(status([StreamHead(stream: stream, head: 2, digest: digest(2))]) == [.complete])
        // It was set back, and appends to another: what the log has of it beyond is nobody's any more.
        let newer = StreamID(source: .notes, tenant: "t", shard: 0, epoch: UUID.v7(at: .epoch, random: (3, 3)))
        #expect(
            status([StreamHead(stream: stream, head: 2, digest: digest(2)), StreamHead(stream: newer, head: 0, digest: nil)]) == [.ahead, .complete])
        let unseen = StreamID(source: .notes, tenant: "t", shard: 1, epoch: UUID.v7(at: .epoch, random: (2, 2)))
        #expect(
            status([StreamHead(stream: stream, head: 3, digest: digest(3)), StreamHead(stream: unseen, head: 1, digest: digest(1))]) == [
                .complete, .missing,
            ])
    }
}
