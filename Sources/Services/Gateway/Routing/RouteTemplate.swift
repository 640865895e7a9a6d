import Bytes
import Contracts

/// A path of the API document: `/notes/{noteId}`, `/files/{proxy+}`.
struct RouteTemplate: Hashable, Sendable {
    enum Segment: Hashable, Sendable {
        case literal([UInt8])
        /// One segment that is not empty.
        case parameter(String)
        /// `{name+}`: one or more segments; only at the end.
        case greedy(String)
    }

    enum Flaw: Error, Equatable {
        case notAPath
        /// A literal that its own canonical form differs from: no request could match it.
        case notCanonical
        case malformedParameter(String)
        case parameterTwice(String)
        case greedyNotLast(String)
        case tooManyParameters
    }

    static let maximumParameters = 8

    let text: String
    let segments: [Segment]
    /// The names of the parameters in order.
    let parameters: [String]

    init(_ text: String) throws(Flaw) {
        guard text.hasPrefix("/") else { throw .notAPath }
        self.text = text
        var segments: [Segment] = []
        var parameters: [String] = []
        let parts = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if part.contains("{") || part.contains("}") {
                let segment = try Self.parameter(String(part))
                switch segment {
                case .parameter(let name), .greedy(let name):
                    if parameters.contains(name) { throw .parameterTwice(name) }
                    parameters.append(name)
                case .literal: break
                }
                if case .greedy(let name) = segment, index != parts.count - 1 { throw .greedyNotLast(name) }
                segments.append(segment)
            } else {
                segments.append(.literal(Array(part.utf8)))
            }
        }
        guard parameters.count <= Self.maximumParameters else { throw .tooManyParameters }
        self.segments = segments
        self.parameters = parameters
        let sample =
            "/" + segments.map { if case .literal(let bytes) = $0 { String(decoding: bytes, as: UTF8.self) } else { "x" } }.joined(separator: "/")
        guard let canonical = try? CanonicalTarget(sample), canonical.path == sample, !canonical.hasQuery else { throw .notCanonical }
    }

    /// API Gateway: a parameter is a whole segment of letters, digits and `_ - . :`.
    private static func parameter(_ part: String) throws(Flaw) -> Segment {
        guard part.hasPrefix("{"), part.hasSuffix("}"), part.utf8.count > 2 else { throw .malformedParameter(part) }
        var name = part.dropFirst().dropLast()
        let isGreedy = name.hasSuffix("+")
        if isGreedy { name = name.dropLast() }
        let allowed = name.utf8.allSatisfy { $0.isAlphanumeric || "_-.:".utf8.contains($0) }
        guard !name.isEmpty, allowed else { throw .malformedParameter(part) }
        return isGreedy ? .greedy(String(name)) : .parameter(String(name))
    }
}
