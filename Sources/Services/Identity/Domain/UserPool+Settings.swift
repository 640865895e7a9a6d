import Encodings
import JSON

/// Reading a pool's settings: from CreateUserPool, and from the index where they are kept in the same form.
extension UserPool {
    /// Settings without an effect here yet that are kept and shown as they came, with the type they must have.
    private static let kept: [(name: String, isObject: Bool)] = [
        ("EmailVerificationMessage", false), ("EmailVerificationSubject", false), ("SmsVerificationMessage", false),
        ("SmsAuthenticationMessage", false),
        ("VerificationMessageTemplate", true), ("UserAttributeUpdateSettings", true), ("EmailConfiguration", true), ("SmsConfiguration", true),
        ("UserPoolTags", true), ("AdminCreateUserConfig", true), ("AccountRecoverySetting", true),
    ]

    private enum Toggle: String, CaseIterable { case active = "ACTIVE", inactive = "INACTIVE" }
    private enum Mode: String, CaseIterable { case off = "OFF", on = "ON", optional = "OPTIONAL" }
    private enum Security: String, CaseIterable { case off = "OFF", audit = "AUDIT", enforced = "ENFORCED" }
    private enum Tier: String, CaseIterable { case lite = "LITE", essentials = "ESSENTIALS", plus = "PLUS" }
    private enum Verified: String, CaseIterable { case phone = "phone_number", email }

    /// - Parameters:
    ///   - isStored: whether `input` is stored settings, which were checked when they came, and not a CreateUserPool request.
    init(
        id: String, name: String, createdAt: Timestamp, modifiedAt: Timestamp, isStored: Bool, reading input: inout Input
    ) throws(IdentityError) {
        self.id = id
        self.name = name
        self.createdAt = createdAt
        self.modifiedAt = modifiedAt

        passwordPolicy = try PasswordPolicy(try input.structure("Policies")?["PasswordPolicy"]?.object, into: &input)
        usernameAttributes = try input.choices("UsernameAttributes", UsernameAttribute.self) ?? []
        aliasAttributes = try input.choices("AliasAttributes", AliasAttribute.self) ?? []
        if !usernameAttributes.isEmpty, !aliasAttributes.isEmpty {
            throw IdentityError(.invalidParameter, "Only one of the aliasAttributes or usernameAttributes can be set in a user pool.")
        }
        isCaseSensitive = try Input(try input.structure("UsernameConfiguration") ?? [:]).flag("CaseSensitive") ?? false
        let schema = try Self.customAttributes(&input, isStored: isStored)
        customAttributes = Dictionary(schema.map { ($0.name, $0) }) { $1 }
        try Self.refuseWhatChangesSignIn(&input)

        var settings: JSONObject = ["Policies": ["PasswordPolicy": passwordPolicy.json]]
        settings["DeletionProtection"] = .string((try input.choice("DeletionProtection", Toggle.self) ?? .inactive).rawValue)
        settings["LambdaConfig"] = [:]
        if !schema.isEmpty { settings["SchemaAttributes"] = .array(schema.map(\.json)) }
        settings.put("AutoVerifiedAttributes", try input.choices("AutoVerifiedAttributes", Verified.self).map { .texts($0.map(\.rawValue)) })
        if !aliasAttributes.isEmpty { settings["AliasAttributes"] = .texts(aliasAttributes.map(\.rawValue)) }
        if !usernameAttributes.isEmpty { settings["UsernameAttributes"] = .texts(usernameAttributes.map(\.rawValue)) }
        settings["UsernameConfiguration"] = ["CaseSensitive": .bool(isCaseSensitive)]
        settings["MfaConfiguration"] = "OFF"
        settings["UserPoolTier"] = .string((try input.choice("UserPoolTier", Tier.self) ?? .essentials).rawValue)
        for (name, isObject) in Self.kept {
            guard let value = input.raw(name) else { continue }
            guard isObject ? value.object != nil : value.string != nil else { throw IdentityError(.serialization, "\(name) has the wrong type") }
            settings[name] = value
        }
        self.settings = settings
    }

    /// What would make signing in stricter or different is refused while we can't do it; it is never taken and ignored.
    private static func refuseWhatChangesSignIn(_ input: inout Input) throws(IdentityError) {
        if let mode = try input.choice("MfaConfiguration", Mode.self), mode != .off { throw .notSupported("MfaConfiguration \(mode.rawValue)") }
        if let triggers = try input.structure("LambdaConfig"), !triggers.isEmpty { throw .notSupported("LambdaConfig") }
        if try input.structure("DeviceConfiguration") != nil { throw .notSupported("DeviceConfiguration") }
        if let addOns = try input.structure("UserPoolAddOns") {
            var part = Input(addOns)
            if let mode = try part.choice("AdvancedSecurityMode", Security.self), mode != .off { throw .notSupported("AdvancedSecurityMode") }
            input.adopt(part)
        }
        if let factors = try input.structure("Policies")?["SignInPolicy"]?["AllowedFirstAuthFactors"]?.array, factors != ["PASSWORD"] {
            throw .notSupported("AllowedFirstAuthFactors other than PASSWORD")
        }
    }

    /// The pool's own attributes; standard ones that a schema names as they are anyway are left out.
    private static func customAttributes(_ input: inout Input, isStored: Bool) throws(IdentityError) -> [SchemaAttribute] {
        // Stored settings have the shown form under the shown name, which means nothing in a request.
        let values = try isStored ? input.list("SchemaAttributes", count: 0...50) : input.list("Schema", count: 1...50)
        var schema: [SchemaAttribute] = []
        for value in values ?? [] {
            guard let object = value.object else { throw IdentityError(.serialization, "Schema must be a list of structures") }
            var part = Input(object)
            let attribute = try customAttribute(&part)
            input.adopt(part)
            guard let attribute else { continue }
            if !isStored {
                if attribute.type == .dateTime { throw .notSupported("AttributeDataType DateTime") }
                // Of two descriptions only one could hold.
                guard !schema.contains(where: { $0.name == attribute.name }) else {
                    throw IdentityError(.invalidParameter, "Duplicate attribute \(attribute.name)")
                }
            }
            schema.append(attribute)
        }
        return schema
    }

    /// Nil for a standard one.
    private static func customAttribute(_ entry: inout Input) throws(IdentityError) -> SchemaAttribute? {
        let name = try entry.text("Name", TextRule(1...27, .name))
        let standard = SchemaAttribute.standard(name)
        let type = try entry.choice("AttributeDataType", SchemaAttribute.DataType.self) ?? standard?.type ?? .string
        let isMutable = try entry.flag("Mutable") ?? true
        let isRequired = try entry.flag("Required") ?? false
        let bounds = try SchemaAttribute.Bounds(&entry, of: type)
        if try entry.flag("DeveloperOnlyAttribute") ?? false { throw .notSupported("DeveloperOnlyAttribute") }
        // Said already.
        if name.isEmpty { return nil }
        if let standard {
            if type != standard.type { throw .notSupported("AttributeDataType \(type.rawValue) of the standard attribute \(name)") }
            if name == "sub" { return nil }
            if isRequired { throw .notSupported("Required attribute \(name)") }
            if !isMutable { throw .notSupported("Mutable false of the standard attribute \(name)") }
            if !bounds.isEmpty, bounds != standard.bounds { throw .notSupported("A constraint of the standard attribute \(name)") }
            return nil
        }
        let plain = name.hasPrefix("custom:") ? String(name.dropFirst(7)) : name
        guard plain.utf16.count <= 20, !plain.isEmpty else {
            throw IdentityError(.invalidParameter, "Invalid attribute name \(name): 1 to 20 characters, not counting custom:")
        }
        if isRequired { throw IdentityError(.invalidParameter, "Required custom attributes are not supported currently.") }
        return SchemaAttribute(name: "custom:\(plain)", type: type, isMutable: isMutable, bounds: bounds)
    }
}
