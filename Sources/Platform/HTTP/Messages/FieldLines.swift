public import Bytes
internal import Encodings

/// Field lines as they go on the wire, for a proxy: what it copies and adds without taking apart. Same promise as `Headers`: no value can
/// end its line, and no field of the framing gets in.
public struct FieldLines: Sendable {
    /// `name: value CRLF`, again and again.
    @inlinable public var bytes: [UInt8] { lines }
    @usableFromInline var lines: [UInt8] = []
    private(set) var hasDate = false
    private(set) var hasHost = false

    public init(reserving capacity: Int = 0) {
        if capacity > 0 { lines.reserveCapacity(capacity) }
    }

    /// Copies field `index` of a message that was received, unless it frames that message.
    public mutating func add(from other: Headers, at index: Int) {
        if FieldRules.isFraming(other, index) { return }
        if FieldRules.isDate(other, index) { hasDate = true }
        FieldRules.append(other, index, to: &lines)
    }

    /// Adds a field. It must not be one of the framing.
    public mutating func add(_ name: HeaderName, _ value: Span<UInt8>) {
        add(name, capacity: value.count) { $0.append(copying: value) }
    }

    /// Adds a field whose name, a token, stands in the program. It must not be one of the framing.
    public mutating func add(_ name: StaticString, _ value: Span<UInt8>) {
        if name.utf8CodeUnitCount == 4, name.description == "host" { hasHost = true }
        lines.append(addingCapacity: name.utf8CodeUnitCount + value.count + 4) { output in
            output.append(literal: name)
            output.append(literal: ": ")
            output.append(copying: value)
            output.append(literal: "\r\n")
        }
        if value.firstControl(from: 0) < value.count { blank(valueFrom: lines.count - value.count - 2) }
    }

    /// Adds a field whose value is written in place, `capacity` bytes of it at most.
    @inlinable
    public mutating func add(_ name: HeaderName, capacity: Int, _ write: (inout OutputSpan<UInt8>) -> Void) {
        note(name)
        let start = lines.count + name.bytes.count + 2
        lines.append(addingCapacity: name.bytes.count + 4 + capacity) { output in
            output.append(copying: name.bytes.span)
            output.append(literal: ": ")
            write(&output)
            output.append(literal: "\r\n")
        }
        if lines.span.firstControl(from: start) < lines.count - 2 { blank(valueFrom: start) }
    }

    @usableFromInline
    mutating func note(_ name: HeaderName) {
        if name.bytes.count == 4, name == .host { hasHost = true }
    }

    /// Bytes that no value may hold become spaces.
    @usableFromInline
    mutating func blank(valueFrom start: Int) {
        for index in start..<lines.count - 2 where !Grammar.isValueByte(lines[index]) { lines[index] = UInt8(ascii: " ") }
    }
}
