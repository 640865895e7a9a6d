internal import Bytes
internal import Encodings

/// Field lines as they go on the wire, for a proxy: what it copies and adds without taking apart. Same promise as `Headers`: no value can
/// end its line, and no field of the framing gets in.
public struct FieldLines: Sendable {
    /// `name: value CRLF`, again and again.
    public private(set) var bytes: [UInt8] = []
    private(set) var hasDate = false
    private(set) var hasHost = false

    public init(reserving capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    public var isEmpty: Bool { bytes.isEmpty }

    /// Copies field `index` of a message that was received, unless it frames that message.
    public mutating func add(from other: Headers, at index: Int) {
        if FieldRules.isFraming(other, index) { return }
        if FieldRules.isDate(other, index) { hasDate = true }
        FieldRules.append(other, index, to: &bytes)
    }

    /// Adds a field. It must not be one of the framing.
    public mutating func add(_ name: HeaderName, _ value: Span<UInt8>) {
        open(name, room: value.count)
        bytes.appendBytes(of: value)
        close(valueFrom: bytes.count - value.count)
    }

    public mutating func add(_ name: HeaderName, _ value: [UInt8]) { add(name, value.span) }

    /// Adds a field whose value is written in place, `capacity` bytes of it at most.
    public mutating func add(_ name: HeaderName, capacity: Int, _ write: (inout OutputSpan<UInt8>) -> Void) {
        open(name, room: capacity)
        let start = bytes.count
        bytes.append(addingCapacity: capacity, initializingWith: write)
        close(valueFrom: start)
    }

    private mutating func open(_ name: HeaderName, room: Int) {
        if name == .host { hasHost = true }
        bytes.append(addingCapacity: name.bytes.count + 4 + room) { output in
            output.append(copying: name.bytes.span)
            output.append(literal: ": ")
        }
    }

    private mutating func close(valueFrom start: Int) {
        if bytes.span.firstControl(from: start) < bytes.count {
            for index in start..<bytes.count where !Grammar.isValueByte(bytes[index]) { bytes[index] = UInt8(ascii: " ") }
        }
        bytes.append(literal: "\r\n")
    }
}
