internal import Bytes
internal import Encodings
internal import JSON

/// A request of OpenTelemetry's protocol for traces, in its JSON encoding (OTLP 1.3, `ExportTraceServiceRequest`): protobuf's, but ids in hexadecimal and enumerations as
/// numbers; 64-bit numbers are strings.
public struct OTLPTraces: Sendable {
    private let resource: [UInt8]

    /// - Parameters:
    ///   - service: becomes `service.name`.
    ///   - instance: tells this process from others of its service.
    public init(service: String, instance: String) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("attributes")
        writer.beginArray()
        for (key, value) in [("service.namespace", "strongroom"), ("service.name", service), ("service.instance.id", instance)] {
            writer.attribute(key) { $0.text(value) }
        }
        writer.endArray()
        writer.endObject()
        resource = writer.bytes
    }

    /// The body to post to `/v1/traces`.
    public func encode(_ spans: [TraceSpan]) -> [UInt8] {
        var writer = JSONWriter(reserving: 512 + 640 * spans.count)
        writer.wrapped("resourceSpans") { writer in
            writer.key("resource")
            writer.raw(resource.span)
            writer.array("scopeSpans") { writer in
                writer.key("scope")
                writer.beginObject()
                writer.member("name", "strongroom")
                writer.endObject()
                writer.key("spans")
                writer.beginArray()
                for span in spans { writer.span(span) }
                writer.endArray()
            }
        }
        return writer.bytes
    }
}

extension JSONWriter {
    /// `{"NAME":[{…}]}`
    fileprivate mutating func wrapped(_ name: String, _ body: (inout JSONWriter) -> Void) {
        beginObject()
        array(name, body)
        endObject()
    }

    /// A member that is an array of one object.
    fileprivate mutating func array(_ name: String, _ body: (inout JSONWriter) -> Void) {
        key(name)
        beginArray()
        beginObject()
        body(&self)
        endObject()
        endArray()
    }

    fileprivate mutating func span(_ span: TraceSpan) {
        beginObject()
        key("traceId")
        hexadecimal(span.context.traceHigh, span.context.traceLow)
        key("spanId")
        hexadecimal(span.context.span)
        if let parent = span.parent {
            key("parentSpanId")
            hexadecimal(parent)
        }
        key("flags")
        int(flags(of: span))
        key("name")
        string(span.name)
        key("kind")
        int(span.kind.rawValue)
        key("startTimeUnixNano")
        nanoseconds(span.start)
        key("endTimeUnixNano")
        nanoseconds(span.end)
        key("attributes")
        beginArray()
        for attribute in span.attributes {
            self.attribute(attribute.key.description) { writer in
                switch attribute.value {
                case .text(let text): writer.text(text)
                case .integer(let number): writer.number(number)
                }
            }
        }
        endArray()
        if span.isFailure {
            key("status")
            beginObject()
            key("code")
            // STATUS_CODE_ERROR.
            int(2)
            endObject()
        }
        endObject()
    }

    /// `SpanFlags`: W3C's flags, and whether the parent is known to be in another process, which it is for whoever was called or got a message.
    private func flags(of span: TraceSpan) -> Int {
        let isRemote = span.parent != nil && (span.kind == .server || span.kind == .consumer)
        return Int(span.context.flags) | 0x100 | (isRemote ? 0x200 : 0)
    }

    fileprivate mutating func attribute(_ name: String, _ value: (inout JSONWriter) -> Void) {
        beginObject()
        key("key")
        string(name)
        key("value")
        value(&self)
        endObject()
    }

    fileprivate mutating func text(_ text: String) {
        beginObject()
        key("stringValue")
        string(text)
        endObject()
    }

    fileprivate mutating func number(_ number: Int64) {
        beginObject()
        key("intValue")
        string(String(number))
        endObject()
    }

    private mutating func nanoseconds(_ time: Timestamp) {
        // OTLP's times are unsigned; a clock before 1970 is set wrong.
        string("\(UInt64(max(0, time.microseconds)) * 1000)")
    }

    private mutating func hexadecimal(_ words: UInt64...) {
        var digits: [UInt8] = []
        digits.append(addingCapacity: 16 * words.count) { for word in words { $0.append(hexadecimal: word) } }
        string(utf8: digits.span)
    }
}
