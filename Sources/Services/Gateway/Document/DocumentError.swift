import JSON
import YAML

/// Why an API document is refused; it is refused whole.
struct DocumentError: Error, Equatable, Sendable {
    enum Problem: Equatable, Sendable {
        case yaml(YAMLError)
        case json(JSONError)
        case unreadable(String)
        /// A member that must be there is not.
        case missing(String)
        case expected(String)
        /// Something that means more than this gateway does: an extension, an authorizer type, an integration type, a key.
        case unsupported(String)
        case invalid(String)
    }

    /// A JSON pointer (RFC 6901) to where the problem is; empty for the whole document.
    let path: String
    let problem: Problem

    init(_ problem: Problem, at path: String = "") {
        self.path = path
        self.problem = problem
    }
}

extension DocumentError: CustomStringConvertible {
    var description: String {
        let what =
            switch problem {
            case .yaml(let error): error.description
            case .json(let error): error.description
            case .unreadable(let reason): "the file can't be read: \(reason)"
            case .missing(let member): "\(member) is missing"
            case .expected(let kind): "expected \(kind)"
            case .unsupported(let name): "\(name) is not supported"
            case .invalid(let reason): reason
            }
        return path.isEmpty ? what : "\(path): \(what)"
    }
}
