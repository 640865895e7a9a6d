/// A tree of path patterns. A literal segment wins over a `{parameter}`, and that over `{rest+}`; paths are compared byte by
/// byte, so they should be canonical before they get here.
public struct RouteTable<Value: Sendable>: Sendable {
    /// What a look-up finds.
    public enum Result: Sendable {
        case found(Value, RouteMatch)
        /// The path is known, with these methods only.
        case wrongMethod([Method])
        case notFound
    }

    private struct Leaf: Sendable {
        let pattern: RoutePattern
        /// Nil is any method.
        let method: Method?
        let value: Value
    }

    private struct Node: Sendable {
        var literals: [(text: [UInt8], node: Int)] = []
        var parameter: Int?
        var rest: Int?
        var leaves: [Leaf] = []
    }

    private var nodes: [Node] = [Node()]

    public init() {}

    /// - Parameter method: nil is any, where no route of the same path names the method.
    public mutating func add(_ method: Method?, _ pattern: RoutePattern, _ value: Value) throws(RouteError) {
        var node = 0
        for segment in pattern.segments { node = child(of: node, segment) }
        guard !nodes[node].leaves.contains(where: { $0.method == method }) else {
            throw .duplicate("\(method?.rawValue ?? "ANY") \(pattern.text)")
        }
        nodes[node].leaves.append(Leaf(pattern: pattern, method: method, value: value))
    }

    private mutating func child(of node: Int, _ segment: RoutePattern.Segment) -> Int {
        let existing: Int? =
            switch segment {
            case .literal(let text): nodes[node].literals.first { $0.text == text }?.node
            case .parameter: nodes[node].parameter
            case .rest: nodes[node].rest
            }
        if let existing { return existing }
        nodes.append(Node())
        let new = nodes.count - 1
        switch segment {
        case .literal(let text): nodes[node].literals.append((text, new))
        case .parameter: nodes[node].parameter = new
        case .rest: nodes[node].rest = new
        }
        return new
    }

    // MARK: Looking up

    /// - Parameter path: without query; must start with `/`.
    public func find(_ method: Method, _ path: Span<UInt8>) -> Result {
        guard path.count > 0, path[0] == UInt8(ascii: "/") else { return .notFound }
        var ranges: [Range<Int>] = []
        var allowed: [Method] = []
        guard let leaf = search(0, method, path, from: 1, &ranges, &allowed) else {
            return allowed.isEmpty ? .notFound : .wrongMethod(allowed)
        }
        return .found(leaf.value, RouteMatch(pattern: leaf.pattern, ranges: ranges))
    }

    private func search(
        _ node: Int, _ method: Method, _ path: Span<UInt8>, from start: Int, _ ranges: inout [Range<Int>], _ allowed: inout [Method]
    ) -> Leaf? {
        var end = start
        while end < path.count, path[end] != UInt8(ascii: "/") { end += 1 }
        let isLast = end == path.count
        func step(_ next: Int) -> Leaf? {
            isLast ? leaf(of: next, method, &allowed) : search(next, method, path, from: end + 1, &ranges, &allowed)
        }
        for (text, next) in nodes[node].literals where text.span.equals(path, start..<end) {
            if let found = step(next) { return found }
        }
        // A parameter is never empty.
        guard end > start else { return nil }
        if let next = nodes[node].parameter {
            ranges.append(start..<end)
            if let found = step(next) { return found }
            ranges.removeLast()
        }
        if let next = nodes[node].rest, let found = leaf(of: next, method, &allowed) {
            ranges.append(start..<path.count)
            return found
        }
        return nil
    }

    private func leaf(of node: Int, _ method: Method, _ allowed: inout [Method]) -> Leaf? {
        let leaves = nodes[node].leaves
        if let exact = leaves.first(where: { $0.method == method }) ?? leaves.first(where: { $0.method == nil }) { return exact }
        for leaf in leaves { if let other = leaf.method, !allowed.contains(other) { allowed.append(other) } }
        return nil
    }
}

extension Span<UInt8> {
    fileprivate func equals(_ other: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard count == range.count else { return false }
        for index in indices where self[index] != other[range.lowerBound + index] { return false }
        return true
    }
}
