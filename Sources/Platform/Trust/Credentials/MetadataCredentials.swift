import Encodings
import JSON
import SigV4

/// The JSON that the container endpoint and the instance metadata service answer with.
enum MetadataCredentials {
    static func read(_ body: [UInt8], source: String) throws(CredentialError) -> ProvidedCredentials {
        let document: JSONValue
        do throws(JSONError) {
            document = try JSON.parse(body, limits: .token)
        } catch {
            throw .malformed(source: source, part: error.description)
        }
        // The instance metadata service says so when a role is attached that can't be assumed.
        if let code = document["Code"]?.string, code != "Success" { throw .endpoint(source: source, cause: code) }
        guard let id = document["AccessKeyId"]?.string, !id.isEmpty else { throw .malformed(source: source, part: "AccessKeyId") }
        guard let secret = document["SecretAccessKey"]?.string, !secret.isEmpty else { throw .malformed(source: source, part: "SecretAccessKey") }
        var expiration: Timestamp?
        if let text = document["Expiration"]?.string {
            guard let time = Timestamp.parse(iso8601: text) else { throw .malformed(source: source, part: "Expiration") }
            expiration = time
        }
        return ProvidedCredentials(
            credentials: Credentials(accessKeyID: id, secretAccessKey: secret, sessionToken: document["Token"]?.string), expiration: expiration,
            source: source)
    }
}
