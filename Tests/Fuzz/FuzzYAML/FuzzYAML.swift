import FuzzSupport
import YAML

/// Nothing may trap, leak or read beyond its input. What is accepted keeps to the limits and holds no key twice; what is refused is refused
/// at a place.
private func check(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe fuzzInput(start, count)
    let limits = YAMLLimits(bytes: 4096, depth: 8, nodes: 256)
    do throws(YAMLError) {
        var nodes = 0
        walk(try YAMLParser.parse(bytes, limits: limits), depth: 1, &nodes)
        precondition(nodes <= limits.nodes)
    } catch {
        precondition(error.line >= 1 && error.column >= 1)
    }
    return 0
}

private func walk(_ node: YAMLNode, depth: Int, _ nodes: inout Int) {
    nodes += 1
    precondition(depth <= 8)
    switch node {
    case .scalar: break
    case .sequence(let elements, _): for element in elements { walk(element, depth: depth + 1, &nodes) }
    case .mapping(let members, _):
        precondition(Set(members.map(\.key)).count == members.count)
        for member in members { walk(member.value, depth: depth + 1, &nodes) }
    }
}

@_cdecl("FuzzYAML_main")
public func fuzzMain(_ argc: CInt, _ argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt { unsafe runFuzzer(argc, argv, check) }
