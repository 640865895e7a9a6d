internal import Contracts
internal import Kafka
public import Observability

/// The spans of an event on its way, by OpenTelemetry's semantic conventions for messages. The span that sends it goes along in the message's `traceparent`; the
/// event itself, which is signed, keeps that of the request it came from.
extension Tracer {
    /// A span below the one that an event's `traceparent` names; nil where nobody records it.
    func child(ofHeader name: StaticString, _ value: Span<UInt8>) -> (span: TraceContext, parent: TraceContext)? {
        guard name.description == HeaderNames.traceparent.description, let parent = TraceContext(parsing: value), let span = child(of: parent) else {
            return nil
        }
        return (span, parent)
    }

    /// An event was handed to the producer.
    func recordSend(_ span: TraceContext, parent: TraceContext, topic: String, microseconds: UInt64) {
        record(
            span, parent: parent.span, kind: .producer, name: "send \(topic)", microseconds: microseconds,
            attributes: [.kafka, .operation("send"), .destination(topic)])
    }

    /// An event was taken in: from when its batch came until it is on the disk.
    ///
    /// - Parameter message: the `traceparent` of the message. It is not signed, and decides nothing but where the span is shown.
    public func recordProcess(_ message: TraceContext, topic: String, microseconds: UInt64) {
        guard let span = child(of: message) else { return }
        record(
            span, parent: message.span, kind: .consumer, name: "process \(topic)", microseconds: microseconds,
            attributes: [.kafka, .operation("process"), .destination(topic)])
    }
}
