import SigV4

/// A profile of the shared credentials file, then of the config file.
struct ProfileSource: CredentialSource {
    let name = "profile files"

    /// Ways to get credentials that a profile can ask for and that take precedence over an access key in it. Ignoring one would sign as
    /// somebody else than configured. (The SSO portal and STS's AssumeRole are HTTPS services outside the cluster.)
    private static let unsupported = ["role_arn", "web_identity_token_file", "sso_session", "sso_start_url", "sso_account_id"]

    func load(_ surroundings: CredentialSurroundings) async throws(CredentialError) -> ProvidedCredentials? {
        let profile = surroundings.profile ?? surroundings.variable("AWS_PROFILE") ?? surroundings.variable("AWS_DEFAULT_PROFILE") ?? "default"
        let home = surroundings.variable("HOME").map { "\($0)/.aws" }
        let credentialsPath =
            surroundings.credentialsFile ?? surroundings.variable("AWS_SHARED_CREDENTIALS_FILE") ?? home.map { "\($0)/credentials" }
        let configPath = surroundings.variable("AWS_CONFIG_FILE") ?? home.map { "\($0)/config" }
        let shared = try await section(profile, of: credentialsPath, surroundings)
        let config = try await section(profile == "default" ? profile : "profile \(profile)", of: configPath, surroundings)
        for settings in [shared, config] {
            guard let settings else { continue }
            for key in ProfileSource.unsupported where settings[key] != nil { throw .unsupported(source: "profile \(profile)", setting: key) }
        }
        for (settings, path) in [(shared, credentialsPath), (config, configPath)] {
            guard let settings, let path else { continue }
            if let found = try credentials(settings, source: "profile \(profile) of \(path)") { return found }
        }
        if shared?["credential_process"] != nil || config?["credential_process"] != nil {
            throw .unsupported(source: "profile \(profile)", setting: "credential_process")
        }
        return nil
    }

    private func section(
        _ title: String, of path: String?, _ surroundings: CredentialSurroundings
    ) async throws(CredentialError) -> [String: String]? {
        guard let path, let bytes = try await surroundings.readFile(path) else { return nil }
        return try ProfileFile(bytes, name: path).sections[title]
    }

    private func credentials(_ settings: [String: String], source: String) throws(CredentialError) -> ProvidedCredentials? {
        guard let id = settings["aws_access_key_id"], !id.isEmpty else { return nil }
        guard let secret = settings["aws_secret_access_key"], !secret.isEmpty else {
            throw .incomplete(source: source, missing: "aws_secret_access_key")
        }
        return ProvidedCredentials(
            credentials: Credentials(accessKeyID: id, secretAccessKey: secret, sessionToken: settings["aws_session_token"]), source: source)
    }
}
