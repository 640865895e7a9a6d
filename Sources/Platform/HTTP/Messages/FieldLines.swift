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
        note(name)
        bytes.append(addingCapacity: name.bytes.count + value.count + 4) { output in
            output.append(copying: name.bytes.span)
            output.append(literal: ": ")
            output.append(copying: value)
            output.append(literal: "\r\n")
        }
        if value.firstControl(from: 0) < value.count { blank(valueFrom: bytes.count - value.count - 2) }
    }

    public mutating func add(_ name: HeaderName, _ value: [UInt8]) { add(name, value.span) }

    /// Adds a field whose value is written in place, `capacity` bytes of it at most.
    public mutating func add(_ name: HeaderName, capacity: Int, _ write: (inout OutputSpan<UInt8>) -> Void) {
        note(name)
        let start = bytes.count + name.bytes.count + 2
        bytes.append(addingCapacity: name.bytes.count + 4 + capacity) { output in
            output.append(copying: name.bytes.span)
            output.append(literal: ": ")
            write(&output)
            output.append(literal: "\r\n")
        }
        if bytes.span.firstControl(from: start) < bytes.count - 2 { blank(valueFrom: start) }
    }

    private mutating func note(_ name: HeaderName) {
        if name.bytes.count == 4, name == .host { hasHost = true }
    }

    /// Bytes that no value may hold become spaces.
    private mutating func blank(valueFrom start: Int) {
        for index in start..<bytes.count - 2 where !Grammar.isValueByte(bytes[index]) { bytes[index] = UInt8(ascii: " ") }
    }
}
