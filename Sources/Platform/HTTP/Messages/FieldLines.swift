internal import Bytes

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
        if name == .host { hasHost = true }
        bytes.append(contentsOf: name.bytes)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(UInt8(ascii: " "))
        let start = bytes.count
        bytes.appendBytes(of: value)
        if value.firstControl(from: 0) < value.count {
            for index in value.indices where !Grammar.isValueByte(value[index]) { bytes[start + index] = UInt8(ascii: " ") }
        }
        bytes.append(13)
        bytes.append(10)
    }

    public mutating func add(_ name: HeaderName, _ value: [UInt8]) { add(name, value.span) }
}
