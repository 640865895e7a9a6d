/// A path pattern such as `/notes/{noteId}` or `/files/{path+}`.
public struct RoutePattern: Hashable, Sendable {
    enum Segment: Hashable, Sendable {
        case literal([UInt8])
        case parameter
        case rest
    }

    /// As it was written.
    public let text: String
    public let parameters: [String]
    let segments: [Segment]

    static let none = RoutePattern(text: "", parameters: [], segments: [])

    private init(text: String, parameters: [String], segments: [Segment]) {
        self.text = text
        self.parameters = parameters
        self.segments = segments
    }

    public init(_ text: String) throws(RouteError) {
        guard text.utf8.first == UInt8(ascii: "/") else { throw .malformedPattern(text) }
        var parameters: [String] = []
        var segments: [Segment] = []
        for part in text.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            if segments.last == .rest { throw .malformedPattern(text) }
            guard part.hasPrefix("{"), part.hasSuffix("}") else {
                if part.contains("{") || part.contains("}") { throw .malformedPattern(text) }
                segments.append(.literal(Array(part.utf8)))
                continue
            }
            let isRest = part.hasSuffix("+}")
            let name = String(part.dropFirst().dropLast(isRest ? 2 : 1))
            guard !name.isEmpty, !name.contains("{"), !parameters.contains(name) else { throw .malformedPattern(text) }
            parameters.append(name)
            segments.append(isRest ? .rest : .parameter)
        }
        self.init(text: text, parameters: parameters, segments: segments)
    }
}
