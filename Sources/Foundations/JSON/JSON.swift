/// Reads JSON texts that carry trust: tokens, key sets, policies, request bodies.
///
/// RFC 8259 to the letter, from UTF-8 only, with every "parser MAY accept" answered no: no byte-order mark, comment, trailing
/// comma or text, no lone surrogate, no duplicate member name. What is accepted has one reading.
public enum JSON {
    /// - Throws: `JSONError` with the position of the first byte that can't stand where it is.
    public static func parse(_ bytes: Span<UInt8>, limits: JSONLimits = .standard) throws(JSONError) -> JSONValue {
        try reading(bytes, limits) { (parser) throws(JSONFault) in try parser.document(bytes) }
    }

    private static func reading<Value>(
        _ bytes: Span<UInt8>, _ limits: JSONLimits, _ read: (inout JSONParser) throws(JSONFault) -> Value
    ) throws(JSONError) -> Value {
        guard bytes.count <= limits.bytes else {
            throw JSONError(JSONFault(.tooLarge, at: limits.bytes), in: bytes)
        }
        do throws(JSONFault) {
            var parser = JSONParser(limits: limits)
            return try read(&parser)
        } catch {
            throw JSONError(error, in: bytes)
        }
    }

    /// As ``parse(_:limits:)``, and as strict, but keeps of an object the members of some names only, in their order.
    /// - Returns: nil where the text isn't an object.
    public static func object(_ bytes: Span<UInt8>, keeping names: JSONNames, limits: JSONLimits = .standard) throws(JSONError) -> JSONObject? {
        try reading(bytes, limits) { (parser) throws(JSONFault) in try parser.document(bytes, keeping: names) }
    }

    public static func parse(_ bytes: [UInt8], limits: JSONLimits = .standard) throws(JSONError) -> JSONValue {
        try parse(bytes.span, limits: limits)
    }

    public static func parse(_ text: String, limits: JSONLimits = .standard) throws(JSONError) -> JSONValue {
        try parse(text.utf8.span, limits: limits)
    }

    /// The text of `value`, without white space.
    public static func encode(_ value: JSONValue) -> [UInt8] {
        var writer = JSONWriter()
        writer.value(value)
        return writer.bytes
    }
}
