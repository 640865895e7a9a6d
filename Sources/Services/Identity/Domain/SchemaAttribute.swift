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
            let count = DecimalNumber(value.utf16.count)
            if let minimum = bounds.minimum, let least = DecimalNumber(minimum), count < least {
                throw invalid("String must be no shorter than \(minimum) characters.")
            }
            if let maximum = bounds.maximum, let most = DecimalNumber(maximum), count > most {
                throw invalid("String must be no longer than \(maximum) characters.")
            }
        case .number:
            guard let number = DecimalNumber(value) else { throw invalid("Invalid number value.") }
            if let minimum = bounds.minimum, let least = DecimalNumber(minimum), number < least {
                throw invalid("Number must be no less than \(minimum).")
            }
            if let maximum = bounds.maximum, let most = DecimalNumber(maximum), number > most {
                throw invalid("Number must be no more than \(maximum).")
            }
        case .boolean:
            // Of the standard ones Cognito takes `True` as well.
            let truth = UserAttribute.booleans.contains(name) ? value.lowercased() : value
            guard truth == "true" || truth == "false" else { throw invalid("Invalid boolean value.") }
        // Refused at creation; of pools from before it is text.
        case .dateTime: return
        }
    }

    private func invalid(_ reason: String) -> IdentityError { .schema("\(name): \(reason)\n") }

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
    /// - Parameter isNew: whether they are held against the rules of now.
    init(_ entry: inout Input, of type: SchemaAttribute.DataType, isNew: Bool) throws(IdentityError) {
        let length = try Self.read("Length", of: "StringAttributeConstraints", in: &entry)
        let value = try Self.read("Value", of: "NumberAttributeConstraints", in: &entry)
        self = type == .string ? length : type == .number ? value : .none
        guard isNew else { return }
        for case let bound? in [minimum, maximum] {
            guard let number = DecimalNumber(bound), type == .number || number >= DecimalNumber(0) else {
                throw IdentityError(.invalidParameter, "\(bound.prefix(128)) is not a bound of an attribute.")
            }
        }
        if let minimum, let maximum, let least = DecimalNumber(minimum), let most = DecimalNumber(maximum), least > most {
            throw IdentityError(.invalidParameter, "An attribute's minimum \(minimum) is more than its maximum \(maximum).")
        }
    }

    private static func read(_ what: String, of constraints: String, in entry: inout Input) throws(IdentityError) -> Self {
        try entry.part(constraints) { part throws(IdentityError) in
            Self(minimum: try part.optionalText("Min\(what)", .any), maximum: try part.optionalText("Max\(what)", .any))
        } ?? .none
    }
}
