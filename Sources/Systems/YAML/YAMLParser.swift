internal import CYAML

/// Reads one YAML document through libyaml's event parser.
///
/// Memory: `yaml_parser_t` is ours and lives from `yaml_parser_initialize` to `yaml_parser_delete`; libyaml only borrows the input,
/// which `parse` keeps in place meanwhile. Each event that `yaml_parser_parse` fills owns its strings until `yaml_event_delete`, and
/// nothing here keeps a pointer past that. libyaml has no global state.
@safe
public struct YAMLParser: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let limits: YAMLLimits
    private var nodes = 0

    /// Parses a document in UTF-8.
    public static func parse(_ input: [UInt8], limits: YAMLLimits = .standard) throws(YAMLError) -> YAMLNode {
        guard input.count <= limits.bytes else { throw YAMLError(.tooLarge(limit: "\(limits.bytes) bytes"), line: 1, column: 1) }
        var parser = try YAMLParser(limits: limits)
        let result: Result<YAMLNode, YAMLError> = unsafe input.withUnsafeBufferPointer { buffer in
            unsafe yaml_parser_set_input_string(parser.parser, buffer.baseAddress, buffer.count)
            do throws(YAMLError) { return .success(try parser.document()) } catch { return .failure(error) }
        }
        return try result.get()
    }

    private init(limits: YAMLLimits) throws(YAMLError) {
        self.limits = limits
        unsafe parser = .allocate(capacity: 1)
        guard unsafe yaml_parser_initialize(parser) == 1 else {
            unsafe parser.deallocate()
            throw YAMLError(.malformed("out of memory"), line: 1, column: 1)
        }
        // Without this a byte-order mark could turn the document into UTF-16.
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
    }

    private mutating func document() throws(YAMLError) -> YAMLNode {
        guard case .streamStart = try next().kind else { throw YAMLError(.empty, line: 1, column: 1) }
        let start = try next()
        guard case .documentStart = start.kind else { throw start.error(.empty) }
        let root = try node(next(), depth: 0)
        let end = try next()
        guard case .documentEnd = end.kind else { throw end.error(.malformed("expected the end of the document")) }
        let last = try next()
        guard case .streamEnd = last.kind else { throw last.error(.unsupported("a second document")) }
        return root
    }

    private mutating func node(_ event: YAMLEvent, depth: Int) throws(YAMLError) -> YAMLNode {
        nodes += 1
        guard nodes <= limits.nodes else { throw event.error(.tooLarge(limit: "\(limits.nodes) nodes")) }
        guard depth < limits.depth else { throw event.error(.tooLarge(limit: "\(limits.depth) levels")) }
        switch event.kind {
        case .scalar(let text, let isPlain): return .scalar(text, isPlain: isPlain, line: event.line)
        case .sequenceStart:
            var elements: [YAMLNode] = []
            while true {
                let next = try next()
                if case .sequenceEnd = next.kind { return .sequence(elements, line: event.line) }
                elements.append(try node(next, depth: depth + 1))
            }
        case .mappingStart: return try mapping(event, depth: depth)
        default: throw event.error(.malformed("expected a value"))
        }
    }

    private mutating func mapping(_ start: YAMLEvent, depth: Int) throws(YAMLError) -> YAMLNode {
        var members: [(key: String, value: YAMLNode)] = []
        var seen: Set<String> = []
        while true {
            let event = try next()
            if case .mappingEnd = event.kind { return .mapping(members, line: start.line) }
            guard case .scalar(let key, let isPlain) = event.kind, !(isPlain && (key.isEmpty || key == "~" || key == "null")) else {
                throw event.error(.keyNotText)
            }
            if isPlain, key == "<<" { throw event.error(.unsupported("a merge key")) }
            guard seen.insert(key).inserted else { throw event.error(.duplicateKey(key)) }
            members.append((key, try node(next(), depth: depth + 1)))
        }
    }

    private mutating func next() throws(YAMLError) -> YAMLEvent {
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw failure() }
        defer { unsafe yaml_event_delete(&event) }
        return try unsafe YAMLEvent(event)
    }

    private func failure() -> YAMLError {
        let state = unsafe parser.pointee
        let problem = unsafe state.problem.map { unsafe String(cString: $0) } ?? "not YAML"
        return unsafe YAMLError(.malformed(problem), line: Int(state.problem_mark.line) + 1, column: Int(state.problem_mark.column) + 1)
    }
}
