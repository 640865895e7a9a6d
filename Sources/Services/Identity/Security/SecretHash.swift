import Crypto
import Encodings

/// What a client with a secret proves itself by: base64 of HMAC-SHA-256 over user name and client id, under the secret.
enum SecretHash {
    /// - Parameter usernames: those the caller may have used; one must fit.
    static func check(_ given: String?, client: UserPoolClient, usernames: [String]) throws(IdentityError) {
        guard let secret = client.secret else {
            guard given == nil else { throw .secretHashUnexpected(client.id) }
            return
        }
        guard let given else { throw .secretHashMissing(client.id) }
        let key = HMACSHA256(key: Array(secret.utf8))
        // Every name is compared, so that the time taken doesn't say which fits.
        let matches = Base64.decode(given).map { code in
            usernames.map { key.isValid(code, for: Array(($0 + client.id).utf8)) }.contains(true)
        }
        guard matches == true else { throw .secretHashWrong(client.id) }
    }
}
