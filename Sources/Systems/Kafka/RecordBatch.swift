internal import CKafka

/// Messages as they were consumed, in the library's own memory until the batch goes.
///
/// `@safe`, `@unchecked Sendable`: the messages come from `rd_kafka_consume_batch_queue`, are never changed, and are destroyed once, in
/// `deinit`, which librdkafka allows on any thread. Bytes are lent to closures only.
@safe public final class RecordBatch: @unchecked Sendable {
    private let messages: [UnsafeMutablePointer<rd_kafka_message_t>]
    // Messages point into their client's memory.
    private let handle: ClientHandle

    init(_ messages: [UnsafeMutablePointer<rd_kafka_message_t>], of handle: ClientHandle) {
        unsafe self.messages = messages
        self.handle = handle
    }

    deinit {
        unsafe messages.forEach { unsafe rd_kafka_message_destroy($0) }
    }

    public var count: Int { unsafe messages.count }

    public func topic(_ index: Int) -> String { unsafe String(cString: rd_kafka_topic_name(messages[index].pointee.rkt)) }
    public func partition(_ index: Int) -> Int32 { unsafe messages[index].pointee.partition }
    public func offset(_ index: Int) -> Int64 { unsafe messages[index].pointee.offset }

    /// Lends a message's value; a tombstone's is empty.
    public func withValue<R, E: Error>(_ index: Int, _ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        let message = unsafe messages[index].pointee
        return try unsafe lend(message.payload, message.len, body)
    }

    public func key(_ index: Int) -> [UInt8] {
        let message = unsafe messages[index].pointee
        return unsafe bytes(message.key, message.key_len)
    }

    public func value(_ index: Int) -> [UInt8] {
        let message = unsafe messages[index].pointee
        return unsafe bytes(message.payload, message.len)
    }

    public func headers(_ index: Int) -> [(name: String, value: [UInt8])] {
        var list: OpaquePointer?
        guard unsafe rd_kafka_message_headers(messages[index], &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list = unsafe list else { return [] }
        var headers: [(name: String, value: [UInt8])] = []
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var count = 0
        while unsafe rd_kafka_header_get_all(list, headers.count, &name, &value, &count) == RD_KAFKA_RESP_ERR_NO_ERROR {
            unsafe headers.append((name: name.map { unsafe String(cString: $0) } ?? "", value: bytes(value, count)))
        }
        return headers
    }

    /// Lends the last header of that name; nil where the message has none.
    public func withHeader<R>(_ name: String, of index: Int, _ body: (Span<UInt8>) -> R) -> R? {
        var list: OpaquePointer?
        guard unsafe rd_kafka_message_headers(messages[index], &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list = unsafe list else { return nil }
        var value: UnsafeRawPointer?
        var count = 0
        guard unsafe rd_kafka_header_get_last(list, name, &value, &count) == RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        return unsafe lend(value, count, body)
    }

    private func bytes(_ pointer: UnsafeRawPointer?, _ count: Int) -> [UInt8] {
        unsafe pointer == nil ? [] : Array(UnsafeRawBufferPointer(start: pointer, count: count))
    }

    private func lend<R, E: Error>(_ pointer: UnsafeRawPointer?, _ count: Int, _ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        let buffer = unsafe UnsafeBufferPointer(start: pointer?.assumingMemoryBound(to: UInt8.self), count: pointer == nil ? 0 : count)
        return try unsafe body(buffer.span)
    }
}
