import JSON

/// An attribute of a pool's own: what its schema says of it, and whether a value is one.
struct CustomAttribute: Sendable {
    enum DataType: String, CaseIterable, Sendable { case string = "String", number = "Number", dateTime = "DateTime", boolean = "Boolean" }

    /// With its `custom:` prefix.
    let name: String
    let type: DataType
    /// Whether it can be set again, or with its user only.
    let isMutable: Bool
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
            "Required": false,
        ]
        guard !bounds.isEmpty else { return .object(object) }
        var shown: JSONObject = [:]
        shown.put(type == .number ? "MinValue" : "MinLength", bounds.minimum.map { .string($0) })
        shown.put(type == .number ? "MaxValue" : "MaxLength", bounds.maximum.map { .string($0) })
        object[type == .number ? "NumberAttributeConstraints" : "StringAttributeConstraints"] = .object(shown)
        return .object(object)
    }
}

extension CustomAttribute.Bounds {
    static let none = CustomAttribute.Bounds(minimum: nil, maximum: nil)

    /// The constraints of one entry of a schema; those of the other type are passed over, as they mean nothing.
    init(_ entry: inout Input, of type: CustomAttribute.DataType) throws(IdentityError) {
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
            guard let number = CustomAttribute.number(bound), isNumber || number >= 0 else {
                throw IdentityError(.invalidParameter, "\(bound) is not a bound of an attribute.")
            }
        }
        if let minimum, let maximum, CustomAttribute.number(minimum) ?? 0 > CustomAttribute.number(maximum) ?? 0 {
            throw IdentityError(.invalidParameter, "An attribute's minimum \(minimum) is more than its maximum \(maximum).")
        }
    }

    /// What the service's standard attributes have, and a schema may repeat.
    static func standard(_ name: String) -> CustomAttribute.Bounds {
        switch name {
        case "birthdate": CustomAttribute.Bounds(minimum: "10", maximum: "10")
        case "updated_at": CustomAttribute.Bounds(minimum: "0", maximum: nil)
        default: CustomAttribute.Bounds(minimum: "0", maximum: "2048")
        }
    }
}
