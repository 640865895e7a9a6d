public import Contracts

/// An event whose transaction is on disk: its position and the bytes to publish.
public struct CommittedEvent: Sendable, Equatable {
    public let position: StreamPosition
    public let envelope: [UInt8]

    public init(position: StreamPosition, envelope: [UInt8]) {
        self.position = position
        self.envelope = envelope
    }
}
