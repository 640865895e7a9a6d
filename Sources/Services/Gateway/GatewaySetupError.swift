import Contracts

/// Why the gateway can't be opened; each is a sentence for the operator.
enum GatewaySetupError: Error, Equatable, CustomStringConvertible {
    case noIdentityKey(ServiceName)
    case document(path: String?, DocumentError)

    var description: String {
        switch self {
        case .noIdentityKey(let service): "the keyring has no identity key for the \(service.rawValue) service"
        case .document(let path, let error): "\(path ?? "the shipped API document"): \(error)"
        }
    }
}
