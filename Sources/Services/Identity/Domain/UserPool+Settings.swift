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

    /// - Parameter input: a CreateUserPool request, or stored settings.
    init(id: String, name: String, createdAt: Timestamp, modifiedAt: Timestamp, reading input: inout Input) throws(IdentityError) {
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
        let schema = try Self.customAttributes(&input)
        customAttributes = Set(schema.compactMap { $0["Name"]?.string })
        immutableAttributes = Set(schema.filter { $0["Mutable"] == false }.compactMap { $0["Name"]?.string })
        try Self.refuseWhatChangesSignIn(&input)

        var settings: JSONObject = ["Policies": ["PasswordPolicy": passwordPolicy.json]]
        settings["DeletionProtection"] = .string((try input.choice("DeletionProtection", Toggle.self) ?? .inactive).rawValue)
        settings["LambdaConfig"] = [:]
        if !schema.isEmpty { settings["SchemaAttributes"] = .array(schema) }
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

    private enum DataType: String, CaseIterable { case string = "String", number = "Number", dateTime = "DateTime", boolean = "Boolean" }

    /// The pool's own attributes as they are shown; standard ones that a schema names as they are anyway are left out.
    private static func customAttributes(_ input: inout Input) throws(IdentityError) -> [JSONValue] {
        var schema: [JSONValue] = []
        // Stored settings have the shown form under the shown name.
        let stored = try input.list("SchemaAttributes", count: 0...50)
        let asked = try input.list("Schema", count: 1...50)
        for value in stored ?? asked ?? [] {
            guard let object = value.object else { throw IdentityError(.serialization, "Schema must be a list of structures") }
            var part = Input(object)
            let name = try part.text("Name", TextRule(1...27, .name))
            let type = try part.choice("AttributeDataType", DataType.self) ?? .string
            let isMutable = try part.flag("Mutable") ?? true
            let isRequired = try part.flag("Required") ?? false
            if try part.flag("DeveloperOnlyAttribute") ?? false { throw .notSupported("DeveloperOnlyAttribute") }
            input.adopt(part)
            if name == "sub" { continue }
            if UserAttribute.standard.contains(name) {
                if isRequired { throw .notSupported("Required attribute \(name)") }
                if !isMutable { throw .notSupported("Mutable false of the standard attribute \(name)") }
                continue
            }
            let plain = name.hasPrefix("custom:") ? String(name.dropFirst(7)) : name
            guard plain.utf16.count <= 20, !plain.isEmpty else {
                throw IdentityError(.invalidParameter, "Invalid attribute name \(plain): at most 20 characters")
            }
            if isRequired { throw IdentityError(.invalidParameter, "Required custom attributes are not supported currently.") }
            let shown: JSONObject = [
                "Name": .string("custom:\(plain)"), "AttributeDataType": .string(type.rawValue), "DeveloperOnlyAttribute": false,
                "Mutable": .bool(isMutable), "Required": false,
            ]
            schema.append(.object(shown))
        }
        return schema
    }
}
