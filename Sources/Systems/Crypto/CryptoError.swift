internal import COpenSSL

/// Why a cryptographic operation was refused. Says nothing about secrets.
public enum CryptoError: Error, Hashable, Sendable {
    /// A key of the wrong kind, length or shape (a point off the curve, an RSA modulus of unusual size).
    case invalidKey
    /// A sealed message that was altered, or sealed under another key, nonce or additional data.
    case authenticationFailed
    /// A parameter outside what the algorithm defines.
    case invalidParameter
    /// libcrypto or libargon2 failed for a reason of its own (memory); the library's code.
    case library(UInt)

    /// What libcrypto left in this thread's error queue, which is emptied so that nobody else (libssl) reads it.
    static func fromLibrary() -> CryptoError {
        let code = ERR_get_error()
        ERR_clear_error()
        return .library(UInt(code))
    }
}
