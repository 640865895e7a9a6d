/// One label of a metric. Names and values come from closed sets (a route's template, a status class), never from a request: a tenant, a user or a path in a
/// label would grow the exposition without bound.
public struct MetricLabel: Hashable, Comparable, Sendable {
    public let name: String
    public let value: String

    public init(_ name: StaticString, _ value: String) {
        self.name = name.description
        self.value = value
    }

    public static func < (left: MetricLabel, right: MetricLabel) -> Bool {
        (left.name, left.value) < (right.name, right.value)
    }
}
