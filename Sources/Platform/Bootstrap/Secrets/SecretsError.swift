public import Contracts

/// Why a service's secrets can't be used. Never holds a secret.
public enum SecretsError: Error, Equatable, Sendable {
    /// The folder of secrets exists and is left as it is.
    case alreadyThere(folder: String)
    case unreadable(file: String, cause: String)
    /// The file is there but isn't what it should be; `part` names the member.
    case malformed(file: String, part: String)
    case notWritten(folder: String, cause: String)
    /// The folder holds keys that are not this cluster's.
    case foreign(folder: String)
    /// The folder is another service's.
    case ofAnother(folder: String, found: ServiceName, wanted: ServiceName)
    /// What an operator's folder should hold isn't there, or it is a service's folder.
    case notTheOperators(file: String)
    /// The cluster's services have no certificates.
    case noInternalTLS(file: String)
    /// The cluster is made, but this service's secrets are gone.
    case lost(folder: String)
    /// Some services have certificates for internal TLS, and this one has none.
    case incomplete(folder: String)
}

extension SecretsError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .alreadyThere(let folder): "\(folder) exists already; keys are never overwritten"
        case .unreadable(_, let cause): "cannot read secrets: \(cause)"
        case .malformed(let file, let part): "\(file): '\(part)' is missing or malformed"
        case .notWritten(let folder, let cause): "cannot write secrets to \(folder): \(cause)"
        case .foreign(let folder): "\(folder) holds secrets of another cluster; nothing is overwritten"
        case .ofAnother(let folder, let found, let wanted): "\(folder) holds the secrets of \(found.rawValue), not of \(wanted.rawValue)"
        case .notTheOperators(let file):
            "\(file) is nothing of an operator's: strongroom init makes a folder 'operator'; a cluster of keys init has its root access key in authorizer/root.json"
        case .noInternalTLS(let file): "\(file) is not there: the services have certificates once strongroom init has run with --internal-tls"
        case .incomplete(let folder):
            "\(folder) has no certificate, though other services have: remove the folder internal-tls of every service to have new ones made for all"
        case .lost(let folder): "\(folder) has lost its secrets; restore them from a backup: new ones would open nothing that is stored"
        }
    }
}
