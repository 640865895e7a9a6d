import JSON

/// What a pool's schema says of an attribute, and whether a value is one: of its own attributes, and of those that every pool has.
struct SchemaAttribute: Sendable {
    enum DataType: String, CaseIterable, Sendable { case string = "String", number = "Number", dateTime = "DateTime", boolean = "Boolean" }

    /// With the `custom:` prefix of a pool's own.
    let name: String
    let type: DataType
    /// Whether it can be set again, or with its user only.
    let isMutable: Bool
    var isRequired = false
    let bounds: Bounds

    /// `StringAttributeConstraints` in UTF-16 units, or `NumberAttributeConstraints`; both are texts on the wire, and shown as they came.
    struct Bounds: Hashable, Sendable {
        let minimum: String?
        let maximum: String?

        var isEmpty: Bool { minimum == nil && maximum == nil }
    }

    /// An empty value is none, and always allowed.
    func check(_ value: String) throws(IdentityError) {
        if value.isEmpty { return }
        switch type {
        case .string:
            let count = Double(value.utf16.count)
            if let minimum = bounds.minimum, count < Self.number(minimum) ?? 0 {
                throw invalid("String must be no shorter than \(minimum) characters.")
            }
            if let maximum = bounds.maximum, count > Self.number(maximum) ?? 0 {
                throw invalid("String must be no longer than \(maximum) characters.")
            }
        case .number:
            guard let number = Self.number(value) else { throw invalid("Invalid number value.") }
            if let minimum = bounds.minimum, number < Self.number(minimum) ?? .infinity { throw invalid("Number must be no less than \(minimum).") }
            if let maximum = bounds.maximum, number > Self.number(maximum) ?? -.infinity { throw invalid("Number must be no more than \(maximum).") }
        case .boolean:
            guard value == "true" || value == "false" else { throw invalid("Invalid boolean value.") }
        // Refused at creation; of pools from before it is text.
        case .dateTime: return
        }
    }

    private func invalid(_ reason: String) -> IdentityError { .schema("\(name): \(reason)\n") }

    /// Digits, with a sign and a fraction perhaps; at most 32 characters.
    static func number(_ text: String) -> Double? {
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= 32, (1...2).contains(parts.count),
            parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } })
        else { return nil }
        return Double(text)
    }

    /// As DescribeUserPool shows it, and as it is stored.
    var json: JSONValue {
        var object: JSONObject = [
            "Name": .string(name), "AttributeDataType": .string(type.rawValue), "DeveloperOnlyAttribute": false, "Mutable": .bool(isMutable),
            "Required": .bool(isRequired),
        ]
        guard !bounds.isEmpty else { return .object(object) }
        var shown: JSONObject = [:]
        shown.put(type == .number ? "MinValue" : "MinLength", bounds.minimum.map { .string($0) })
        shown.put(type == .number ? "MaxValue" : "MaxLength", bounds.maximum.map { .string($0) })
        object[type == .number ? "NumberAttributeConstraints" : "StringAttributeConstraints"] = .object(shown)
        return .object(object)
    }
}

extension SchemaAttribute.Bounds {
    static let none = SchemaAttribute.Bounds(minimum: nil, maximum: nil)

    /// The constraints of one entry of a schema; those of the other type are passed over, as they mean nothing.
    init(_ entry: inout Input, of type: SchemaAttribute.DataType) throws(IdentityError) {
        guard type == .string || type == .number else {
            self = .none
            return
        }
        let isNumber = type == .number
        var part = Input(try entry.structure(isNumber ? "NumberAttributeConstraints" : "StringAttributeConstraints") ?? [:])
        minimum = try part.optionalText(isNumber ? "MinValue" : "MinLength", .bound)
        maximum = try part.optionalText(isNumber ? "MaxValue" : "MaxLength", .bound)
        entry.adopt(part)
        for bound in [minimum, maximum] {
            guard let bound else { continue }
            guard let number = SchemaAttribute.number(bound), isNumber || number >= 0 else {
                throw IdentityError(.invalidParameter, "\(bound) is not a bound of an attribute.")
            }
        }
        if let minimum, let maximum, SchemaAttribute.number(minimum) ?? 0 > SchemaAttribute.number(maximum) ?? 0 {
            throw IdentityError(.invalidParameter, "An attribute's minimum \(minimum) is more than its maximum \(maximum).")
        }
    }
}
