internal import Bytes

/// Header fields: one array of bytes and a table of offsets into it, in the order they came.
///
/// Values are bytes. Look at them in place with ``withValue(of:_:)`` or ``withValue(at:_:)``; the `String` subscript is for
/// edges and tests.
public struct Headers: Sendable {
    @usableFromInline
    struct Field: Sendable {
        @usableFromInline var nameStart: UInt32
        @usableFromInline var nameEnd: UInt32
        @usableFromInline var valueStart: UInt32
        @usableFromInline var valueEnd: UInt32
    }

    /// What the offsets point into; for a message that was received, its whole head as it came.
    public internal(set) var bytes: [UInt8]
    @usableFromInline var fields: [Field]

    public init() {
        bytes = []
        fields = []
    }

    init(bytes: [UInt8], fields: [Field]) {
        self.bytes = bytes
        self.fields = fields
    }

    public var count: Int { fields.count }
    public var isEmpty: Bool { fields.isEmpty }

    // MARK: Looking

    /// The position of the first field of that name at or after `start`.
    @inlinable
    public func index(of name: HeaderName, from start: Int = 0) -> Int? {
        let span = bytes.span
        let length = name.bytes.count
        for index in start..<fields.count {
            let field = fields[index]
            guard Int(field.nameEnd - field.nameStart) == length else { continue }
            if name.matches(span.extracting(Int(field.nameStart)..<Int(field.nameEnd))) { return index }
        }
        return nil
    }

    public func contains(_ name: HeaderName) -> Bool { index(of: name) != nil }

    /// How many fields have that name.
    public func count(of name: HeaderName) -> Int {
        var total = 0
        var next = index(of: name)
        while let found = next {
            total += 1
            next = index(of: name, from: found + 1)
        }
        return total
    }

    public func nameRange(at index: Int) -> Range<Int> { Int(fields[index].nameStart)..<Int(fields[index].nameEnd) }
    public func valueRange(at index: Int) -> Range<Int> { Int(fields[index].valueStart)..<Int(fields[index].valueEnd) }

    public func withName<R, E: Error>(at index: Int, _ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        try body(bytes.span.extracting(nameRange(at: index)))
    }

    public func withValue<R, E: Error>(at index: Int, _ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        try body(bytes.span.extracting(valueRange(at: index)))
    }

    /// Lends the first value of that name; nil where there is none.
    public func withValue<R, E: Error>(of name: HeaderName, _ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R? {
        guard let index = index(of: name) else { return nil }
        return try withValue(at: index, body)
    }

    /// Lends each value of the fields of that name, in their order.
    /// - Parameter name: in lower case.
    public func forEachValue(ofLowercase name: Span<UInt8>, _ body: (Span<UInt8>) -> Void) {
        let span = bytes.span
        for field in fields where Int(field.nameEnd - field.nameStart) == name.count {
            guard span.extracting(Int(field.nameStart)..<Int(field.nameEnd)).equals(lowercase: name) else { continue }
            body(span.extracting(Int(field.valueStart)..<Int(field.valueEnd)))
        }
    }

    /// Whether `Accept` names JSON before all else.
    public var asksForJSON: Bool {
        withValue(of: .accept) { value in
            var end = value.firstIndex(of: UInt8(ascii: ","))
            while end > 0, Grammar.isWhitespace(value[end - 1]) { end -= 1 }
            return value.extracting(..<end).equals(lowercase: "application/json")
        } ?? false
    }

    /// The first value of that name; bytes that are not UTF-8 become U+FFFD.
    public subscript(name: HeaderName) -> String? {
        guard let index = index(of: name) else { return nil }
        return String(decoding: bytes[valueRange(at: index)], as: UTF8.self)
    }

    // MARK: Changing

    public mutating func add(_ name: HeaderName, _ value: String) { add(name.bytes.span, value.utf8.span) }
    public mutating func add(_ name: HeaderName, _ value: Span<UInt8>) { add(name.bytes.span, value) }
    public mutating func add(_ name: HeaderName, _ value: [UInt8]) { add(name.bytes.span, value.span) }

    /// Adds field `index` of `other` as it is.
    public mutating func add(from other: Headers, at index: Int) {
        let source = other.bytes.span
        add(source.extracting(other.nameRange(at: index)), source.extracting(other.valueRange(at: index)))
    }

    /// Removes every field of that name, then adds this one.
    public mutating func set(_ name: HeaderName, _ value: String) {
        remove(name)
        add(name, value)
    }

    public mutating func remove(_ name: HeaderName) {
        while let index = index(of: name) { fields.remove(at: index) }
    }

    /// A byte that a value may not hold (RFC 9110 §5.5: CR, LF, NUL and the other controls) becomes a space, so that no
    /// value, wherever it came from, can end its line.
    mutating func add(_ name: Span<UInt8>, _ value: Span<UInt8>) {
        let nameStart = bytes.count
        bytes.appendBytes(of: name)
        let nameEnd = bytes.count
        bytes.append(UInt8(ascii: ":"))
        bytes.append(UInt8(ascii: " "))
        let valueStart = bytes.count
        bytes.appendBytes(of: value)
        if value.firstControl(from: 0) < value.count {
            for index in value.indices where !Grammar.isValueByte(value[index]) { bytes[valueStart + index] = UInt8(ascii: " ") }
        }
        fields.append(
            Field(
                nameStart: UInt32(nameStart), nameEnd: UInt32(nameEnd), valueStart: UInt32(valueStart), valueEnd: UInt32(bytes.count)))
    }
}

extension Headers: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (HeaderName, String)...) {
        self.init()
        for (name, value) in elements { add(name, value) }
    }
}
