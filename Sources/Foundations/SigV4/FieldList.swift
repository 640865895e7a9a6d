/// Header fields as plain values, for callers that have no message yet.
public struct FieldList: SignableFields, Sendable, ExpressibleByDictionaryLiteral {
    public private(set) var fields: [(name: String, value: String)] = []

    public init() {}

    public init(dictionaryLiteral elements: (String, String)...) {
        for (name, value) in elements { append(name, value) }
    }

    public mutating func append(_ name: String, _ value: String) {
        fields.append((name, value))
    }

    public func forEachField(_ body: (_ name: Span<UInt8>, _ value: Span<UInt8>) -> Void) {
        for field in fields { body(field.name.utf8.span, field.value.utf8.span) }
    }

    public func forEachValue(of name: Span<UInt8>, _ body: (Span<UInt8>) -> Void) {
        for field in fields where CanonicalHeaders.isSame(field.name.utf8.span, name) { body(field.value.utf8.span) }
    }
}
