public import Encodings
public import JSON

/// The claims of a token whose signature has been verified (RFC 7519 §4.1), each of the type its definition gives it.
public struct TokenClaims: Sendable {
    /// All members, for claims that are nobody's standard.
    public let object: JSONObject
    public let issuer: String
    public let subject: String?
    /// Empty without `aud`, and with `"aud": []`.
    public let audience: [String]
    public let expiresAt: Timestamp
    public let notBefore: Timestamp?
    public let issuedAt: Timestamp?

    init(_ payload: [UInt8]) throws(TokenError) {
        guard let json = try? JSON.parse(payload, limits: .token), let object = json.object else { throw .malformed }
        guard let issuer = object["iss"]?.string, let expiresAt = try Self.date("exp", of: object) else { throw .malformed }
        self.object = object
        self.issuer = issuer
        self.expiresAt = expiresAt
        subject = try Self.text("sub", of: object)
        notBefore = try Self.date("nbf", of: object)
        issuedAt = try Self.date("iat", of: object)
        audience = try Self.audience(object["aud"])
    }

    /// Nil where the claim is missing or is not text.
    public subscript(text name: String) -> String? { object[name]?.string }

    /// The members of a claim that is an array of text; empty where it is missing or anything else.
    public func list(_ name: String) -> [String] { object[name]?.array?.compactMap(\.string) ?? [] }

    /// The space-separated `scope` claim (RFC 8693 §4.2).
    public var scopes: [String] { object["scope"]?.string?.split(separator: " ").map(String.init) ?? [] }

    private static func text(_ name: String, of object: JSONObject) throws(TokenError) -> String? {
        guard let value = object[name] else { return nil }
        guard let text = value.string else { throw .malformed }
        return text
    }

    /// A NumericDate (§2) between 1970 and the end of the year 9999, in whole seconds. RFC 7519 allows fractions; nobody needs them.
    private static func date(_ name: String, of object: JSONObject) throws(TokenError) -> Timestamp? {
        guard let value = object[name] else { return nil }
        guard let seconds = value.int, (0...253_402_300_799).contains(seconds) else { throw .malformed }
        return Timestamp(seconds: seconds)
    }

    /// §4.1.3: one text or an array of them.
    private static func audience(_ value: JSONValue?) throws(TokenError) -> [String] {
        guard let value else { return [] }
        if let one = value.string { return [one] }
        guard let many = value.array else { throw .malformed }
        let names = many.compactMap(\.string)
        guard names.count == many.count else { throw .malformed }
        return names
    }
}
