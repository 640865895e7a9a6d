internal import CKafka

/// An idempotent producer. When it turns fatal it is of no use any more: drop it and make another.
///
/// May be used from any thread. Dropping the last reference joins the library's threads, so do that where blocking is allowed.
@safe public final class Producer: Sendable {
    private let handle: ClientHandle

    public init(_ configuration: ProducerConfiguration, log: KafkaLog) throws(KafkaError) {
        handle = try ClientHandle(.producer, properties: configuration.all, log: log)
    }

    /// An eventfd that becomes readable when ``poll(atMost:)`` has something to report. It is written to only when the reports'
    /// queue goes from empty to non-empty: call ``poll(atMost:)`` once after starting to watch, and now and then besides.
    public var wakeDescriptor: Int32 { handle.wakeDescriptor }

    /// Why no message can be produced any more; nil while all is well.
    public var fatalError: KafkaError? { handle.fatalError }

    /// Messages that were accepted and not reported yet.
    public var pendingCount: Int { unsafe Int(rd_kafka_outq_len(handle.client)) }

    /// Queues one message; its fate comes by ``poll(atMost:)``. All bytes are copied.
    /// - Parameters:
    ///   - key: messages of one key go to one partition, in order.
    ///   - headers: adds what headers the message is to have.
    public func produce(
        topic: String, key: Span<UInt8>, value: Span<UInt8>, tag: UInt64, headers: (inout HeaderList) -> Void = { _ in }
    ) throws(KafkaError) {
        var list = HeaderList(capacity: 8)
        headers(&list)
        let code = unsafe key.withUnsafeBytes { key in
            unsafe value.withUnsafeBytes { value in
                unsafe strongroom_kafka_produce(
                    handle.client, topic, key.baseAddress, key.count, value.baseAddress, value.count, list.list,
                    UnsafeMutableRawPointer(bitPattern: UInt(tag)))
            }
        }
        // Otherwise the list is the message's.
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            unsafe rd_kafka_headers_destroy(list.list)
            throw KafkaError(code)
        }
    }

    public func produce(
        topic: String, key: [UInt8], value: [UInt8], tag: UInt64, headers: (inout HeaderList) -> Void = { _ in }
    ) throws(KafkaError) {
        try produce(topic: topic, key: key.span, value: value.span, tag: tag, headers: headers)
    }

    /// Reports that have come in. Empties the eventfd first.
    public func poll(atMost limit: Int = 10_000) -> [DeliveryReport] {
        handle.acknowledgeWake()
        var reports: [DeliveryReport] = []
        while reports.count < limit, let event = unsafe rd_kafka_queue_poll(handle.queue, 0) {
            // The messages belong to the event, which is destroyed after they were read.
            while let message = unsafe rd_kafka_event_message_next(event) {
                unsafe reports.append(Self.report(message.pointee))
            }
            unsafe rd_kafka_event_destroy(event)
        }
        return reports
    }

    /// Waits, blocking, until the fate of every message is known, or nothing was heard for `milliseconds`.
    /// - Returns: the reports that came in meanwhile; ``pendingCount`` tells whether that was all.
    public func flush(milliseconds: Int) -> [DeliveryReport] {
        var reports: [DeliveryReport] = []
        while pendingCount > 0, let event = unsafe rd_kafka_queue_poll(handle.queue, Int32(milliseconds)) {
            while let message = unsafe rd_kafka_event_message_next(event) { unsafe reports.append(Self.report(message.pointee)) }
            unsafe rd_kafka_event_destroy(event)
        }
        return reports
    }

    /// Lets a test see what a fatal error does.
    public func injectFatalError() {
        unsafe _ = rd_kafka_test_fatal_error(handle.client, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "injected")
    }

    private static func report(_ message: rd_kafka_message_t) -> DeliveryReport {
        unsafe DeliveryReport(
            tag: UInt64(UInt(bitPattern: message._private)), error: message.err == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : KafkaError(message.err),
            partition: message.partition, offset: message.offset)
    }
}
