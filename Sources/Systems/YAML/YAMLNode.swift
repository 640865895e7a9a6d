/// A YAML document as a tree. Scalars keep their text: what a plain `5` means is the reader's business.
public indirect enum YAMLNode: Equatable, Sendable {
    /// `isPlain` is true for a scalar without quotes or block indicator, the only kind that may mean something other than text.
    case scalar(String, isPlain: Bool, line: Int)
    case sequence([YAMLNode], line: Int)
    /// Members in the order of the document; no key stands twice.
    case mapping([(key: String, value: YAMLNode)], line: Int)

    /// The line the node begins on, from 1.
    public var line: Int {
        switch self {
        case .scalar(_, _, let line), .sequence(_, let line), .mapping(_, let line): line
        }
    }

    public static func == (left: YAMLNode, right: YAMLNode) -> Bool {
        switch (left, right) {
        case (.scalar(let a, let p, _), .scalar(let b, let q, _)): a == b && p == q
        case (.sequence(let a, _), .sequence(let b, _)): a == b
        case (.mapping(let a, _), .mapping(let b, _)): a.elementsEqual(b) { $0.key == $1.key && $0.value == $1.value }
        default: false
        }
    }
}
