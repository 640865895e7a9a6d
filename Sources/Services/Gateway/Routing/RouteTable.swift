/// The routes of one version of the API document, as a trie over the segments of canonical paths.
///
/// A literal segment goes before a parameter, a parameter before a greedy one, and a branch that leads nowhere is left again, as API
/// Gateway chooses. Nothing of a table changes after it is made.
struct RouteTable: Sendable {
    enum Flaw: Error, Equatable {
        /// Two routes of one method that every request to either would match.
        case conflict(String, String)
        /// A path that begins with a stage's name could never be reached without naming the stage.
        case hiddenByStage(String)
    }

    /// What a request's path and method lead to.
    enum Match {
        /// The route, and how many bytes of the path the stage took (0 where the request named none).
        case route(Route, stage: Int)
        /// The path is known, the method is not.
        case noMethod(stage: Int)
        case unknown
    }

    private struct Node: Sendable {
        var literals: [(bytes: [UInt8], child: Int)] = []
        var parameter: Int?
        var greedy: Int?
        var methods: [(name: [UInt8], route: Route)] = []
    }

    let routes: [Route]
    /// Names of the stages that a path may begin with; the first is meant where a path names none.
    let stages: [String]
    private let stageBytes: [[UInt8]]
    private var nodes: [Node] = [Node()]

    init(routes: [Route], stages: [String]) throws(Flaw) {
        self.routes = routes
        self.stages = stages
        stageBytes = stages.map { Array($0.utf8) }
        for route in routes {
            if case .literal(let first)? = route.template.segments.first, stageBytes.contains(first) {
                throw .hiddenByStage(route.template.text)
            }
            try insert(route)
        }
    }

    private mutating func insert(_ route: Route) throws(Flaw) {
        var node = 0
        for segment in route.template.segments {
            switch segment {
            case .literal(let bytes):
                if let child = nodes[node].literals.first(where: { $0.bytes == bytes })?.child {
                    node = child
                } else {
                    nodes[node].literals.append((bytes, nodes.count))
                    node = appendNode()
                }
            case .parameter:
                let child = nodes[node].parameter
                nodes[node].parameter = child ?? nodes.count
                node = child ?? appendNode()
            case .greedy:
                let child = nodes[node].greedy
                nodes[node].greedy = child ?? nodes.count
                node = child ?? appendNode()
            }
        }
        let method = Array(route.method.utf8)
        if let other = nodes[node].methods.first(where: { $0.name == method }) { throw .conflict(other.route.template.text, route.template.text) }
        // ANY stands last, so that a method of its own goes before it.
        if route.method == Route.anyMethod {
            nodes[node].methods.append((method, route))
        } else {
            nodes[node].methods.insert((method, route), at: 0)
        }
    }

    private mutating func appendNode() -> Int {
        nodes.append(Node())
        return nodes.count - 1
    }

    /// Finds the route of a canonical path.
    /// - Parameter captures: filled with the ranges of `path` that the route's parameters stand for, in order.
    func match(path: Span<UInt8>, method: Span<UInt8>, captures: inout [Range<Int>]) -> Match {
        captures.removeAll(keepingCapacity: true)
        let stage = stageLength(path)
        var foundPath = false
        if let route = descend(0, path, at: stage, method: method, captures: &captures, foundPath: &foundPath) {
            return .route(route, stage: stage)
        }
        return foundPath ? .noMethod(stage: stage) : .unknown
    }

    /// How many bytes `/{stage}` takes at the start of the path. `/dev/` is the stage's root, `/dev` alone leads nowhere.
    private func stageLength(_ path: Span<UInt8>) -> Int {
        var end = 1
        while end < path.count, path[end] != UInt8(ascii: "/") { end += 1 }
        for name in stageBytes where name.count == end - 1 && Self.equal(path, 1, end, name) { return end }
        return 0
    }

    /// The name of the stage whose path prefix is `length` bytes long in this path.
    func stageName(_ path: Span<UInt8>, length: Int) -> [UInt8] {
        guard length > 0 else { return stageBytes[0] }
        for name in stageBytes where name.count == length - 1 && Self.equal(path, 1, length, name) { return name }
        return stageBytes[0]
    }

    /// `start` is where the next segment's slash stands; the depth is bounded by the document's longest template.
    private func descend(
        _ node: Int, _ path: Span<UInt8>, at start: Int, method: Span<UInt8>, captures: inout [Range<Int>], foundPath: inout Bool
    ) -> Route? {
        if start >= path.count { return route(node, method: method, foundPath: &foundPath) }
        let first = start + 1
        var end = first
        while end < path.count, path[end] != UInt8(ascii: "/") { end += 1 }
        for (bytes, child) in nodes[node].literals where bytes.count == end - first && Self.equal(path, first, end, bytes) {
            if let route = descend(child, path, at: end, method: method, captures: &captures, foundPath: &foundPath) { return route }
        }
        guard end > first else { return nil }
        if let child = nodes[node].parameter {
            captures.append(first..<end)
            if let route = descend(child, path, at: end, method: method, captures: &captures, foundPath: &foundPath) { return route }
            captures.removeLast()
        }
        if let child = nodes[node].greedy {
            captures.append(first..<path.count)
            if let route = route(child, method: method, foundPath: &foundPath) { return route }
            captures.removeLast()
        }
        return nil
    }

    private func route(_ node: Int, method: Span<UInt8>, foundPath: inout Bool) -> Route? {
        for (name, route) in nodes[node].methods {
            if name.count == method.count, Self.equal(method, 0, method.count, name) { return route }
            if route.method == Route.anyMethod { return route }
            foundPath = true
        }
        return nil
    }

    private static func equal(_ span: Span<UInt8>, _ start: Int, _ end: Int, _ bytes: [UInt8]) -> Bool {
        var index = 0
        while start + index < end {
            if span[start + index] != bytes[index] { return false }
            index += 1
        }
        return true
    }
}
