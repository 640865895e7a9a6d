internal import Contracts
internal import Synchronization

/// What writers' threads tell the relay, until its loop takes it. Bounded: beyond that it keeps only how far streams reach, and the
/// relay reads the rest from the outbox.
final class RelayInbox: Sendable {
    struct Contents {
        var events: [CommittedEvent] = []
        var bytes = 0
        var heads: [StreamID: UInt64] = [:]
        var rechecks: [StreamHead] = []
        /// Tenants that were deleted.
        var gone: [String] = []

        var isEmpty: Bool { events.isEmpty && heads.isEmpty && rechecks.isEmpty && gone.isEmpty }
    }

    private static let maximumBytes = 8 << 20
    private let contents = Mutex(Contents())

    /// Returns whether the loop has to be woken: it is, once, for what comes before it looks.
    func add(_ events: [CommittedEvent]) -> Bool {
        contents.withLock { contents in
            let wasEmpty = contents.isEmpty
            for event in events {
                if contents.bytes < Self.maximumBytes, contents.heads[event.position.stream] == nil {
                    contents.events.append(event)
                    contents.bytes += event.envelope.count
                } else {
                    contents.heads[event.position.stream] = event.position.seq
                }
            }
            return wasEmpty && !contents.isEmpty
        }
    }

    func add(rechecks: [StreamHead]) -> Bool {
        contents.withLock { contents in
            let wasEmpty = contents.isEmpty
            contents.rechecks += rechecks
            return wasEmpty && !contents.isEmpty
        }
    }

    func add(gone tenant: String) -> Bool {
        contents.withLock { contents in
            let wasEmpty = contents.isEmpty
            contents.gone.append(tenant)
            return wasEmpty
        }
    }

    func take() -> Contents {
        contents.withLock { contents in
            defer { contents = Contents() }
            return contents
        }
    }
}
