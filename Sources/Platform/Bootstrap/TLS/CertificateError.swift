public import Files
public import Transport

/// Why a listener has no certificates. One sentence for the operator.
public enum CertificateError: Error, Sendable {
    case unreadable(FileError)
    case unusable([String], TLSError)
}

extension CertificateError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreadable(let error): "a certificate or key can't be read: \(error)"
        case .unusable(let files, let error): "\(files.joined(separator: ", ")): \(error)"
        }
    }
}
