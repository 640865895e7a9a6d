import Encodings
import JSON

/// Reading a pool's settings: from CreateUserPool, and from the index where they are kept in the same form.
extension UserPool {
    /// Where settings come from. Stored ones were held against the rules of then, and stay readable when those change.
    enum Source { case creation, update, storage }

    private enum Toggle: String, CaseIterable { case active = "ACTIVE", inactive = "INACTIVE" }
    private enum Mode: String, CaseIterable { case off = "OFF", on = "ON", optional = "OPTIONAL" }
    private enum Tier: String, CaseIterable { case lite = "LITE", essentials = "ESSENTIALS", plus = "PLUS" }
    private enum Verified: String, CaseIterable { case phone = "phone_number", email }

    init(
        id: String, name: String, createdAt: Timestamp, modifiedAt: Timestamp, from source: Source, reading input: inout Input
    ) throws(IdentityError) {
        self.id = id
        self.name = name
        self.createdAt = createdAt
        self.modifiedAt = modifiedAt

        let policies = try input.part("Policies") { part throws(IdentityError) in
            (
                password: try part.part("PasswordPolicy") { policy throws(IdentityError) in try PasswordPolicy(&policy) },
                signIn: try part.value("SignInPolicy", Self.signInPolicy)
            )
        }
        passwordPolicy = policies?.password ?? PasswordPolicy()
        usernameAttributes = try input.choices("UsernameAttributes", UsernameAttribute.self) ?? []
        aliasAttributes = try input.choices("AliasAttributes", AliasAttribute.self) ?? []
        if !usernameAttributes.isEmpty, !aliasAttributes.isEmpty {
            throw IdentityError(.invalidParameter, "Only one of the aliasAttributes or usernameAttributes can be set in a user pool.")
        }
        let usernames = try input.part("UsernameConfiguration") { part throws(IdentityError) in try part.requiredFlag("CaseSensitive") } ?? nil
        // As the API has it; the console's pools, which ask for false, are the other way round.
        isCaseSensitive = usernames ?? true
        let schema = try Self.customAttributes(&input, source)
        customAttributes = Dictionary(schema.map { ($0.name, $0) }) { $1 }

        var policiesShown: JSONObject = ["PasswordPolicy": passwordPolicy.json]
        policiesShown.put("SignInPolicy", policies?.signIn)
        var settings: JSONObject = ["Policies": .object(policiesShown)]
        settings["DeletionProtection"] = .string((try input.choice("DeletionProtection", Toggle.self) ?? .inactive).rawValue)
        settings["LambdaConfig"] = [:]
        if !schema.isEmpty { settings["SchemaAttributes"] = .array(schema.map(\.json)) }
        settings.put("AutoVerifiedAttributes", try input.choices("AutoVerifiedAttributes", Verified.self).map { .texts($0.map(\.rawValue)) })
        if !aliasAttributes.isEmpty { settings["AliasAttributes"] = .texts(aliasAttributes.map(\.rawValue)) }
        if !usernameAttributes.isEmpty { settings["UsernameAttributes"] = .texts(usernameAttributes.map(\.rawValue)) }
        settings.put("UsernameConfiguration", usernames.map { ["CaseSensitive": .bool($0)] })
        settings["MfaConfiguration"] = "OFF"
        settings["UserPoolTier"] = .string((try input.choice("UserPoolTier", Tier.self) ?? .essentials).rawValue)
        for (name, shape) in Self.kept { settings.put(name, try source == .storage ? input.raw(name) : input.value(name, shape)) }
        if source != .storage {
            try Self.refuseWhatChangesSignIn(&input, settings)
            try Self.checkRecovery(settings["AccountRecoverySetting"])
        }
        self.settings = settings
    }

    /// What would make signing in stricter or different is refused while we can't do it; it is never taken and ignored.
    private static func refuseWhatChangesSignIn(_ input: inout Input, _ settings: JSONObject) throws(IdentityError) {
        if let mode = try input.choice("MfaConfiguration", Mode.self), mode != .off { throw .notSupported("MfaConfiguration \(mode.rawValue)") }
        if let triggers = try input.structure("LambdaConfig"), !triggers.isEmpty { throw .notSupported("LambdaConfig") }
        try input.refuse("DeviceConfiguration", "KeyConfiguration", "IssuerConfiguration", "DcrConfiguration", "AcrConfiguration")
        try input.part("UserPoolAddOns") { addOns throws(IdentityError) in try addOns.refuse("AdvancedSecurityAdditionalFlows") }
        // From here on, what isn't the one value that can be is one of the model's others.
        try input.check()
        if let mode = settings["UserPoolAddOns"]?["AdvancedSecurityMode"], mode != "OFF" { throw .notSupported("AdvancedSecurityMode") }
        let factors = settings["Policies"]?["SignInPolicy"]?["AllowedFirstAuthFactors"]?.array ?? []
        if factors.contains(where: { $0 != "PASSWORD" }) { throw .notSupported("AllowedFirstAuthFactors other than PASSWORD") }
    }

    /// Of two ways of the same rank, or one way of two ranks, only one could hold.
    private static func checkRecovery(_ setting: JSONValue?) throws(IdentityError) {
        let ways = setting?["RecoveryMechanisms"]?.array ?? []
        for member in ["Priority", "Name"] where ways.count == 2 && ways[0][member] == ways[1][member] {
            throw IdentityError(.invalidParameter, "Two of RecoveryMechanisms have the same \(member).")
        }
    }

    /// The pool's own attributes; standard ones that a schema names as they are anyway are left out.
    private static func customAttributes(_ input: inout Input, _ source: Source) throws(IdentityError) -> [SchemaAttribute] {
        // Stored settings, which an update leaves as they are, have the shown form under the shown name, which means nothing in a request.
        let (member, count) = source == .creation ? ("Schema", 1...50) : ("SchemaAttributes", 0...50)
        let attributes = try input.parts(member, count: count) { part throws(IdentityError) in try customAttribute(&part, isNew: source == .creation)
        }
        var schema: [SchemaAttribute] = []
        for attribute in attributes ?? [] {
            guard let attribute else { continue }
            if source == .creation {
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
    private static func customAttribute(_ entry: inout Input, isNew: Bool) throws(IdentityError) -> SchemaAttribute? {
        let name = try entry.text("Name", TextRule(1...27, .name))
        let standard = SchemaAttribute.standard(name)
        let type = try entry.choice("AttributeDataType", SchemaAttribute.DataType.self) ?? standard?.type ?? .string
        let isMutable = try entry.flag("Mutable") ?? true
        let isRequired = try entry.flag("Required") ?? false
        let bounds = try SchemaAttribute.Bounds(&entry, of: type, isNew: isNew)
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
