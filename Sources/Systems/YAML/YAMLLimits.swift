/// Bounds on one document: libyaml has none of its own, and some of its scanning is quadratic.
public struct YAMLLimits: Sendable {
    public var bytes: Int
    public var depth: Int
    public var nodes: Int

    public init(bytes: Int = 512 * 1024, depth: Int = 64, nodes: Int = 50_000) {
        self.bytes = bytes
        self.depth = depth
        self.nodes = nodes
    }

    public static let standard = YAMLLimits()
}
