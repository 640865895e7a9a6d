/// Why no credentials could be had. Never holds a secret.
public enum CredentialError: Error, Equatable, Sendable {
    /// No source has any; these were looked at.
    case notFound(sources: [String])
    /// A source names one part of an access key and not another.
    case incomplete(source: String, missing: String)
    /// The profile asks for a way of getting credentials that isn't implemented.
    case unsupported(source: String, setting: String)
    case malformed(source: String, part: String)
    /// The container endpoint's URL names a host that credentials may not be asked of over plain HTTP.
    case hostNotAllowed(String)
    /// The endpoint answered with an error, or not at all.
    case endpoint(source: String, cause: String)
    case unreadable(file: String, cause: String)
}

extension CredentialError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notFound(let sources): "no access key in \(sources.joined(separator: ", "))"
        case .incomplete(let source, let missing): "\(source) lacks \(missing)"
        case .unsupported(let source, let setting): "\(source) uses \(setting), which is not supported"
        case .malformed(let source, let part): "\(source): \(part) is missing or malformed"
        case .hostNotAllowed(let host): "credentials may not be asked of '\(host)' over plain HTTP"
        case .endpoint(let source, let cause): "\(source) gave no credentials: \(cause)"
        case .unreadable(let file, let cause): "cannot read \(file): \(cause)"
        }
    }
}
