/// Why a service's own tool got nothing it can use from the service; each is a sentence for the operator.
public enum ToolError: Error, Equatable, Sendable {
    case noAnswer(address: String, cause: String)
    /// The service, or the tool itself, says why not.
    case refused(String)
}

extension ToolError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noAnswer(let address, let cause): "\(address) does not answer: \(cause)"
        case .refused(let reason): reason
        }
    }
}
