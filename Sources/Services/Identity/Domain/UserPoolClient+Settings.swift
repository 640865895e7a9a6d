import Encodings
import JSON

/// Reading a client's settings: from CreateUserPoolClient, and from the index where they are kept in the same form.
extension UserPoolClient {
    private enum Visibility: String, CaseIterable { case legacy = "LEGACY", enabled = "ENABLED" }
    private enum OAuthFlow: String, CaseIterable { case code, implicit, client = "client_credentials" }

    /// What a client without `ExplicitAuthFlows` allows.
    private static let standardFlows: [AuthFlowPermission] = [.allowRefreshToken, .allowSRP, .allowCustom]

    private static let refreshTokenRotation = Shape.structure(
        ["Feature": .choice(["ENABLED", "DISABLED"]), "RetryGracePeriodSeconds": .integer(0...60)], required: ["Feature"])

    init(
        id: String, poolID: String, name: String, secret: String?, createdAt: Timestamp, modifiedAt: Timestamp, reading input: inout Input
    ) throws(IdentityError) {
        self.id = id
        self.poolID = poolID
        self.name = name
        self.secret = secret
        self.createdAt = createdAt
        self.modifiedAt = modifiedAt

        let given = try input.choices("ExplicitAuthFlows", AuthFlowPermission.self) ?? []
        let permissions = given.isEmpty ? Self.standardFlows : given
        if permissions.contains(where: \.isLegacy), permissions.contains(where: { !$0.isLegacy }) {
            throw IdentityError(.invalidParameter, "ExplicitAuthFlows with the ALLOW_ prefix cannot be used together with those without it.")
        }
        flows = Set(permissions)
        validity = try TokenValidity(&input)
        hidesUnknownUsers = try input.choice("PreventUserExistenceErrors", Visibility.self) == .enabled
        let readable = try input.texts("ReadAttributes", .permission, count: 0...UserAttribute.maximumCount)
        readableAttributes = readable.map(Set.init)
        let writable = try input.texts("WriteAttributes", .permission, count: 0...UserAttribute.maximumCount)
        writableAttributes = writable.map(Set.init)

        var settings = validity.json
        settings.put("ReadAttributes", readable.map { .texts($0) })
        settings.put("WriteAttributes", writable.map { .texts($0) })
        settings["ExplicitAuthFlows"] = .texts(permissions.map(\.rawValue))
        settings.put("SupportedIdentityProviders", try input.texts("SupportedIdentityProviders", .provider, count: 0...50).map { .texts($0) })
        settings.put("CallbackURLs", try input.texts("CallbackURLs", .url, count: 0...100).map { .texts($0) })
        settings.put("LogoutURLs", try input.texts("LogoutURLs", .url, count: 0...100).map { .texts($0) })
        settings.put("DefaultRedirectURI", try input.optionalText("DefaultRedirectURI", .url).map { .string($0) })
        settings.put("AllowedOAuthFlows", try input.choices("AllowedOAuthFlows", OAuthFlow.self).map { .texts($0.map(\.rawValue)) })
        settings.put("AllowedOAuthScopes", try input.texts("AllowedOAuthScopes", .scope, count: 0...50).map { .texts($0) })
        settings.put("RefreshTokenRotation", try input.value("RefreshTokenRotation", Self.refreshTokenRotation))
        settings["AllowedOAuthFlowsUserPoolClient"] = .bool(try input.flag("AllowedOAuthFlowsUserPoolClient") ?? false)
        settings["PreventUserExistenceErrors"] = .string(hidesUnknownUsers ? "ENABLED" : "LEGACY")
        settings["EnableTokenRevocation"] = .bool(try input.flag("EnableTokenRevocation") ?? true)
        settings["EnablePropagateAdditionalUserContextData"] = .bool(try input.flag("EnablePropagateAdditionalUserContextData") ?? false)
        self.settings = settings
    }
}
