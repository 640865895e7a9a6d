public import Kafka

/// Where consumed events go: the audit service.
public protocol EventSink: Sendable {
    /// Takes a batch. The offsets behind it are committed only after this has returned; when it throws, the same batch comes again.
    ///
    /// Batches are handed over in their order, but the next may come before this one is done with, so that reading and storing overlap: an
    /// implementation that is told of events out of order must find that out by their numbers.
    func receive(_ batch: RecordBatch) async throws
}
