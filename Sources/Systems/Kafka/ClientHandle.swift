internal import CKafka
internal import Glibc

/// One `rd_kafka_t` with the queue its events come from, and an eventfd that tells when that queue has something.
///
/// `@safe`, `@unchecked Sendable`: librdkafka documents its API as thread-safe; handle and queue come from `rd_kafka_new` and
/// `rd_kafka_queue_get_*`, are destroyed once, in `deinit`, and never leave the module. The log's box is retained for as long
/// as the handle, whose threads call it.
@safe final class ClientHandle: @unchecked Sendable {
    enum Role {
        case producer, consumer
    }

    let client: OpaquePointer
    let queue: OpaquePointer
    /// Becomes readable when the queue goes from empty to non-empty, and only then.
    let wakeDescriptor: Int32
    private let log: Unmanaged<KafkaLog.Box>

    init(_ role: Role, properties: [(String, String)], log: KafkaLog) throws(KafkaError) {
        let descriptor = strongroom_kafka_eventfd()
        guard descriptor >= 0 else { throw KafkaError(RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE, "no eventfd: errno \(errno)") }
        let box = unsafe Unmanaged.passRetained(KafkaLog.Box(log))
        do throws(KafkaError) {
            let configuration = unsafe try Self.configuration(role, properties, box.toOpaque())
            unsafe client = try Self.make(role, configuration)
        } catch {
            unsafe box.release()
            close(descriptor)
            throw error
        }
        unsafe self.log = box
        wakeDescriptor = descriptor
        switch role {
        case .producer: unsafe queue = rd_kafka_queue_get_main(client)
        case .consumer:
            // Errors of the main queue then come through the consumer's, too.
            unsafe rd_kafka_poll_set_consumer(client)
            unsafe queue = rd_kafka_queue_get_consumer(client)
        }
        // An eventfd takes eight bytes: the number to add.
        var one: UInt64 = 1
        unsafe rd_kafka_queue_io_event_enable(queue, descriptor, &one, 8)
    }

    deinit {
        unsafe rd_kafka_queue_io_event_enable(queue, -1, nil, 0)
        unsafe rd_kafka_queue_destroy(queue)
        // Joins the library's threads; what a producer still held is dropped. Never run this on an event loop.
        unsafe rd_kafka_destroy(client)
        close(wakeDescriptor)
        unsafe log.release()
    }

    /// Reads the eventfd empty. To be done before the queue is drained, or a wake-up in between is lost.
    func acknowledgeWake() {
        var count: UInt64 = 0
        unsafe _ = read(wakeDescriptor, &count, 8)
    }

    /// Why the client can never be used again; nil while it can.
    var fatalError: KafkaError? {
        var reason = [CChar](repeating: 0, count: 512)
        let code = unsafe rd_kafka_fatal_error(client, &reason, reason.count)
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        return KafkaError(code, String(decoding: reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }

    private static func configuration(
        _ role: Role, _ properties: [(String, String)], _ opaque: UnsafeMutableRawPointer
    ) throws(KafkaError) -> OpaquePointer {
        guard let configuration = unsafe rd_kafka_conf_new() else { throw KafkaError(RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE) }
        var reason = [CChar](repeating: 0, count: 512)
        for (name, value) in properties where unsafe rd_kafka_conf_set(configuration, name, value, &reason, reason.count) != RD_KAFKA_CONF_OK {
            unsafe rd_kafka_conf_destroy(configuration)
            throw KafkaError(
                RD_KAFKA_RESP_ERR__INVALID_ARG, String(decoding: reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
        }
        unsafe rd_kafka_conf_set_opaque(configuration, opaque)
        unsafe rd_kafka_conf_set_log_cb(configuration) { client, level, facility, message in
            guard let client = unsafe client, let opaque = unsafe rd_kafka_opaque(client) else { return }
            let log = unsafe Unmanaged<KafkaLog.Box>.fromOpaque(opaque).takeUnretainedValue().log
            unsafe log.write(
                KafkaLog.level(level), facility.map { unsafe String(cString: $0) } ?? "", message.map { unsafe String(cString: $0) } ?? "")
        }
        if role == .producer { unsafe rd_kafka_conf_set_events(configuration, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR) }
        return unsafe configuration
    }

    private static func make(_ role: Role, _ configuration: OpaquePointer) throws(KafkaError) -> OpaquePointer {
        var reason = [CChar](repeating: 0, count: 512)
        let type = role == .producer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER
        // On success the configuration belongs to the client.
        guard let client = unsafe rd_kafka_new(type, configuration, &reason, reason.count) else {
            unsafe rd_kafka_conf_destroy(configuration)
            throw KafkaError(
                RD_KAFKA_RESP_ERR__INVALID_ARG, String(decoding: reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
        }
        return unsafe client
    }
}
