internal import CKafka

/// The headers of one message while it is made. Lent by ``Producer/produce(topic:key:value:tag:headers:)``.
///
/// `@safe`: the list comes from `rd_kafka_headers_new` and outlives the closure it is lent to; it is not handed on.
@safe public struct HeaderList: ~Copyable {
    let list: OpaquePointer

    init(capacity: Int) {
        // Fails for want of memory only, and then there is none for the message either.
        guard let list = unsafe rd_kafka_headers_new(capacity) else { preconditionFailure("out of memory") }
        unsafe self.list = list
    }

    /// Adds a header; both parts are copied.
    public mutating func add(_ name: StaticString, _ value: Span<UInt8>) {
        unsafe value.withUnsafeBytes { bytes in
            name.withUTF8Buffer { name in
                unsafe name.withMemoryRebound(to: CChar.self) { name in
                    unsafe _ = rd_kafka_header_add(list, name.baseAddress, name.count, bytes.baseAddress, bytes.count)
                }
            }
        }
    }

    public mutating func add(_ name: StaticString, _ value: [UInt8]) { add(name, value.span) }
}
