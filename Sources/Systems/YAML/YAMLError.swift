/// Why a YAML document is refused. Lines and columns count from 1.
public struct YAMLError: Error, Equatable, Sendable {
    public enum Reason: Equatable, Sendable {
        /// Larger than `YAMLLimits` allows: bytes, depth or nodes.
        case tooLarge(limit: String)
        /// Not YAML; the parser's own sentence.
        case malformed(String)
        /// YAML that could mean more than it shows: an anchor, an alias, a tag, a merge key, a directive, a second document.
        case unsupported(String)
        case duplicateKey(String)
        /// A mapping key that is a collection or null.
        case keyNotText
        case empty
    }

    public let reason: Reason
    public let line: Int
    public let column: Int

    public init(_ reason: Reason, line: Int, column: Int) {
        self.reason = reason
        self.line = line
        self.column = column
    }
}

extension YAMLError: CustomStringConvertible {
    public var description: String {
        let what =
            switch reason {
            case .tooLarge(let limit): "the document has more than \(limit)"
            case .malformed(let problem): problem
            case .unsupported(let construct): "\(construct) is not supported"
            case .duplicateKey(let key): "the key \(key) stands twice"
            case .keyNotText: "a key must be text"
            case .empty: "the document is empty"
            }
        return "line \(line), column \(column): \(what)"
    }
}
