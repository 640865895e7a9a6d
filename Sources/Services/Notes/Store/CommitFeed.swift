internal import EventLog
internal import Synchronization

/// Carries what commits append from the writing threads to the relay, which is there a moment later than the first file.
/// What comes before is on the durable list, where the relay looks when it starts.
final class CommitFeed: Sendable {
    private let receiver = Mutex<(@Sendable ([CommittedEvent]) -> Void)?>(nil)

    func send(_ events: [CommittedEvent]) {
        receiver.withLock { $0 }?(events)
    }

    func connect(_ receiver: @escaping @Sendable ([CommittedEvent]) -> Void) {
        self.receiver.withLock { $0 = receiver }
    }
}
