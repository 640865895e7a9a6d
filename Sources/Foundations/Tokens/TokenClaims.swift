public import Encodings
import JSON

/// The claims of a token whose signature has been verified (RFC 7519 §4.1), each of the type its definition gives it.
public struct TokenClaims: Sendable {
    private let members: JSONObject
    public let issuer: String
    public let subject: String?
    /// Empty without `aud`, and with `"aud": []`.
    public let audience: [String]
    public let expiresAt: Timestamp
    public let notBefore: Timestamp?
    public let issuedAt: Timestamp?

    init(_ payload: [UInt8]) throws(TokenError) {
        guard let object = try? JSON.object(payload.span, keeping: Self.names, limits: .token) else { throw .malformed }
        guard let issuer = object["iss"]?.string, let expiresAt = try Self.date("exp", of: object) else { throw .malformed }
        members = object
        self.issuer = issuer
        self.expiresAt = expiresAt
        subject = try Self.text("sub", of: object)
        notBefore = try Self.date("nbf", of: object)
        issuedAt = try Self.date("iat", of: object)
        audience = try Self.audience(object["aud"])
    }

    /// Claims that somebody reads. A token has others, too: they are looked at only for what would make it malformed.
    private static let names = JSONNames([
        "iss", "sub", "aud", "exp", "nbf", "iat", "token_use", "client_id", "scope", "username", "cognito:username", "cognito:groups",
        "cognito:roles",
    ])

    /// Nil where the claim is missing, is not text, or is none of those that are read.
    public subscript(text name: String) -> String? { members[name]?.string }

    /// The members of a claim that is an array of text; empty where it is missing, anything else, or none of those that are read.
    public func list(_ name: String) -> [String] { members[name]?.array?.compactMap(\.string) ?? [] }

    /// The space-separated `scope` claim (RFC 8693 §4.2).
    public var scopes: [String] { members["scope"]?.string?.split(separator: " ").map(String.init) ?? [] }

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
