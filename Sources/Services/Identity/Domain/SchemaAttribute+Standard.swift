extension SchemaAttribute {
    /// What every pool has (OpenID Connect Core §5.1), with the service's bounds and in its order.
    static let standard: [SchemaAttribute] = [
        SchemaAttribute(name: "sub", type: .string, isMutable: false, isRequired: true, bounds: Bounds(minimum: "1", maximum: "2048")),
        text("name"), text("given_name"), text("family_name"), text("middle_name"), text("nickname"), text("preferred_username"), text("profile"),
        text("picture"), text("website"), text("email"), flag("email_verified"), text("gender"),
        text("birthdate", Bounds(minimum: "10", maximum: "10")), text("zoneinfo"), text("locale"), text("phone_number"),
        flag("phone_number_verified"), text("address"),
        SchemaAttribute(name: "updated_at", type: .number, isMutable: true, bounds: Bounds(minimum: "0", maximum: nil)),
    ]

    /// Nil for a name that isn't the standard's.
    static func standard(_ name: String) -> SchemaAttribute? { byName[name] }

    private static let byName = Dictionary(standard.map { ($0.name, $0) }) { $1 }

    private static func text(_ name: String, _ bounds: Bounds = Bounds(minimum: "0", maximum: "2048")) -> SchemaAttribute {
        SchemaAttribute(name: name, type: .string, isMutable: true, bounds: bounds)
    }

    private static func flag(_ name: String) -> SchemaAttribute { SchemaAttribute(name: name, type: .boolean, isMutable: true, bounds: .none) }
}
