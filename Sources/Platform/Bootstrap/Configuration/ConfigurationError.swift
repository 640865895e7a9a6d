/// Why a process refuses to start with the settings it was given. Each is one sentence for the operator.
public enum ConfigurationError: Error, Equatable, Sendable {
    /// An argument that is no `--key` where a key was due.
    case unexpectedArgument(String)
    case unknownKey(String)
    case repeatedKey(String)
    case missingValue(key: String)
    case missing(key: String)
    case invalid(key: String, value: String, expected: String)
}

extension ConfigurationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unexpectedArgument(let argument): "unexpected argument '\(argument)'"
        case .unknownKey(let key): "unknown option --\(key)"
        case .repeatedKey(let key): "--\(key) is given twice"
        case .missingValue(let key): "--\(key) needs a value"
        case .missing(let key): "--\(key) (or \(ConfigurationReader.environmentName(of: key))) must be set"
        case .invalid(let key, "", let expected): "--\(key) needs a value: \(expected)"
        case .invalid(let key, let value, let expected): "--\(key) is '\(value)' but must be \(expected)"
        }
    }
}
