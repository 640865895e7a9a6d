import JSON

/// What a password of one pool must have.
struct PasswordPolicy: Hashable, Sendable {
    var minimumLength = 8
    var requiresUppercase = true
    var requiresLowercase = true
    var requiresNumbers = true
    var requiresSymbols = true
    /// How long an administrator's password may wait for its first use.
    var temporaryPasswordValidityDays = 7

    /// Longest password, in UTF-16 units.
    static let maximumLength = 256

    /// The service's special characters.
    private static let symbols = Set("^$*.[]{}()?-\"!@#%&/\\,><':;|_~`+= ".unicodeScalars)

    /// Throws `InvalidPasswordException` with the first thing that is missing.
    func check(_ password: String) throws(IdentityError) {
        let scalars = password.unicodeScalars
        if password.utf16.count < minimumLength { throw .passwordPolicy("Password not long enough") }
        if password.utf16.count > Self.maximumLength { throw .passwordPolicy("Password too long") }
        let digits: ClosedRange<Unicode.Scalar> = "0"..."9"
        if requiresUppercase, !scalars.contains(where: \.properties.isUppercase) { throw .passwordPolicy("Password must have uppercase characters") }
        if requiresLowercase, !scalars.contains(where: \.properties.isLowercase) { throw .passwordPolicy("Password must have lowercase characters") }
        if requiresNumbers, !scalars.contains(where: digits.contains) { throw .passwordPolicy("Password must have numeric characters") }
        if requiresSymbols, !scalars.contains(where: Self.symbols.contains) { throw .passwordPolicy("Password must have symbol characters") }
    }
}

extension PasswordPolicy {
    /// From `Policies.PasswordPolicy`. Of a policy that is given, what isn't said isn't required.
    init(_ input: inout Input) throws(IdentityError) {
        minimumLength = Int(try input.integer("MinimumLength", in: 6...99) ?? 8)
        requiresUppercase = try input.flag("RequireUppercase") ?? false
        requiresLowercase = try input.flag("RequireLowercase") ?? false
        requiresNumbers = try input.flag("RequireNumbers") ?? false
        requiresSymbols = try input.flag("RequireSymbols") ?? false
        let days = try input.integer("TemporaryPasswordValidityDays", in: 0...365) ?? 7
        temporaryPasswordValidityDays = days == 0 ? 7 : Int(days)
        if let history = try input.integer("PasswordHistorySize", in: 0...24), history > 0 { throw .notSupported("PasswordHistorySize") }
    }

    var json: JSONValue {
        [
            "MinimumLength": .integer(minimumLength), "RequireUppercase": .bool(requiresUppercase), "RequireLowercase": .bool(requiresLowercase),
            "RequireNumbers": .bool(requiresNumbers), "RequireSymbols": .bool(requiresSymbols),
            "TemporaryPasswordValidityDays": .integer(temporaryPasswordValidityDays),
        ]
    }
}
