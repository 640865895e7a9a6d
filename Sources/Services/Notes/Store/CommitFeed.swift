internal import EventLog
internal import Synchronization

/// Carries what commits append from the writing threads to the relay, which is there a moment later than the first file.
/// What comes before is on the durable list, where the relay looks when it starts.
final class CommitFeed: Sendable {
    // A closure as the mutex's own value would be wrapped in one more thunk at each access, for ever.
    private struct Receiver {
        let receive: @Sendable ([CommittedEvent]) -> Void
    }

    private let receiver = Mutex<Receiver?>(nil)

    func send(_ events: [CommittedEvent]) {
        receiver.withLock { $0 }?.receive(events)
    }

    func connect(_ receive: @escaping @Sendable ([CommittedEvent]) -> Void) {
        receiver.withLock { $0 = Receiver(receive: receive) }
    }
}
