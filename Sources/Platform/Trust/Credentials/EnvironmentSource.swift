import Encodings
import SigV4

/// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`.
struct EnvironmentSource: CredentialSource {
    let name = "environment"

    func place(_ surroundings: CredentialSurroundings) -> String? { surroundings.profile == nil ? name : nil }

    func load(_ surroundings: CredentialSurroundings) async throws(CredentialError) -> ProvidedCredentials? {
        guard surroundings.profile == nil else { return nil }
        if surroundings.variable("AWS_WEB_IDENTITY_TOKEN_FILE") != nil, surroundings.variable("AWS_ACCESS_KEY_ID") == nil {
            throw .unsupported(source: name, setting: "AWS_WEB_IDENTITY_TOKEN_FILE")
        }
        guard let id = surroundings.variable("AWS_ACCESS_KEY_ID") else { return nil }
        guard let secret = surroundings.variable("AWS_SECRET_ACCESS_KEY") else {
            throw .incomplete(source: name, missing: "AWS_SECRET_ACCESS_KEY")
        }
        var expiration: Timestamp?
        if let text = surroundings.variable("AWS_CREDENTIAL_EXPIRATION") {
            guard let time = Timestamp.parse(iso8601: text) else { throw .malformed(source: name, part: "AWS_CREDENTIAL_EXPIRATION") }
            expiration = time
        }
        let credentials = Credentials(accessKeyID: id, secretAccessKey: secret, sessionToken: surroundings.variable("AWS_SESSION_TOKEN"))
        return ProvidedCredentials(credentials: credentials, expiration: expiration, source: name)
    }
}
