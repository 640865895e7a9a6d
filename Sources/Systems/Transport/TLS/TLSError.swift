internal import COpenSSL

/// Why certificates can't be used. Each is a sentence for the operator; none holds a secret.
public enum TLSError: Error, Hashable, Sendable {
    /// The file of certificates holds none, or something that is none.
    case certificate(String)
    /// The file of the key holds none, an encrypted one, or something else.
    case key(String)
    /// The file of authorities holds none, or something that is none.
    case authority(String)
    /// The key is not the first certificate's.
    case mismatch
    /// libssl failed for a reason of its own.
    case library(String)

    /// The last thing that libssl complained about on this thread; its queue is emptied.
    static func reason() -> String {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        guard code != 0, let text = unsafe ERR_reason_error_string(code) else { return "no reason given" }
        return unsafe String(cString: text)
    }
}

extension TLSError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .certificate(let reason): "the certificate file is no chain of PEM certificates (\(reason))"
        case .key(let reason): "the key file is no unencrypted PEM private key (\(reason))"
        case .authority(let reason): "the file of authorities is no list of PEM certificates (\(reason))"
        case .mismatch: "the key does not belong to the first certificate of the chain"
        case .library(let reason): "libssl failed (\(reason))"
        }
    }
}
