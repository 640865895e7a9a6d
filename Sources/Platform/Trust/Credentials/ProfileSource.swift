import SigV4

/// A profile of the shared credentials file, then of the config file.
struct ProfileSource: CredentialSource {
    let name = "profile files"

    /// Ways to get credentials that a profile can ask for and that take precedence over an access key in it. Ignoring one would sign as
    /// somebody else than configured. (The SSO portal and STS's AssumeRole are HTTPS services outside the cluster.)
    private static let unsupported = ["role_arn", "web_identity_token_file", "sso_session", "sso_start_url", "sso_account_id"]

    func place(_ surroundings: CredentialSurroundings) -> String? {
        let asked = Asked(surroundings)
        let files = asked.credentialsPaths + [asked.configPath].compactMap(\.self)
        return files.isEmpty ? nil : "profile \(asked.profile) of \(files.joined(separator: ", "))"
    }

    func load(_ surroundings: CredentialSurroundings) async throws(CredentialError) -> ProvidedCredentials? {
        let asked = Asked(surroundings)
        let (profile, configPath) = (asked.profile, asked.configPath)
        var credentialsPath: String?
        var shared: [String: String]?
        for path in asked.credentialsPaths {
            guard let file = try await file(path, surroundings) else { continue }
            (credentialsPath, shared) = (path, file.sections[profile])
            break
        }
        var config: [String: String]?
        if let configPath {
            config = try await file(configPath, surroundings)?.sections[profile == "default" ? profile : "profile \(profile)"]
        }
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

    /// The profile and the files that this process's surroundings name.
    private struct Asked {
        let profile: String
        /// The first of them that exists counts.
        let credentialsPaths: [String]
        let configPath: String?

        init(_ surroundings: CredentialSurroundings) {
            profile = surroundings.profile ?? surroundings.variable("AWS_PROFILE") ?? surroundings.variable("AWS_DEFAULT_PROFILE") ?? "default"
            let home = surroundings.variable("HOME").map { "\($0)/.aws" }
            let shared = surroundings.variable("AWS_SHARED_CREDENTIALS_FILE") ?? home.map { "\($0)/credentials" }
            credentialsPaths = [surroundings.credentialsFile, shared].compactMap(\.self)
            configPath = surroundings.variable("AWS_CONFIG_FILE") ?? home.map { "\($0)/config" }
        }
    }

    private func file(_ path: String, _ surroundings: CredentialSurroundings) async throws(CredentialError) -> ProfileFile? {
        guard let bytes = try await surroundings.readFile(path) else { return nil }
        return try ProfileFile(bytes, name: path)
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
