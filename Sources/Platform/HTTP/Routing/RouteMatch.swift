internal import Encodings

/// What a route's parameters matched: ranges of the path that was looked up.
public struct RouteMatch: Sendable {
    /// The pattern of the route, with its parameter names.
    public let pattern: RoutePattern
    /// For each parameter, in order, where it lies in the path's bytes (or, in a ``Request``, in its head's).
    public let ranges: [Range<Int>]

    static let none = RouteMatch(pattern: .none, ranges: [])

    /// Where the parameter of that name lies.
    public func range(of name: String) -> Range<Int>? {
        guard let index = pattern.parameters.firstIndex(of: name) else { return nil }
        return ranges[index]
    }

    func offset(by count: Int) -> RouteMatch {
        RouteMatch(pattern: pattern, ranges: ranges.map { $0.lowerBound + count..<$0.upperBound + count })
    }

    func parameter(_ name: String, in head: RequestHead) -> String? {
        guard let range = range(of: name), let decoded = PercentEncoding.decode(head.headers.bytes.span.extracting(range)) else {
            return nil
        }
        return String(validating: decoded, as: UTF8.self)
    }
}
