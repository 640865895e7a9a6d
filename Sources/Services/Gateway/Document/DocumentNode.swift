import JSON

/// A value of the API document and where it stands, so that every refusal can say where.
struct DocumentNode {
    let value: JSONValue
    let path: String

    init(_ value: JSONValue, path: String = "") {
        self.value = value
        self.path = path
    }

    /// RFC 6901 §3.
    static func escaped(_ key: String) -> String {
        var escaped = ""
        for character in key.unicodeScalars {
            switch character {
            case "~": escaped += "~0"
            case "/": escaped += "~1"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }

    subscript(key: String) -> DocumentNode? {
        value[key].map { DocumentNode($0, path: "\(path)/\(Self.escaped(key))") }
    }

    func require(_ key: String) throws(DocumentError) -> DocumentNode {
        guard let member = self[key] else { throw DocumentError(.missing(key), at: path) }
        return member
    }

    /// The members, after checking that this is an object.
    func members() throws(DocumentError) -> [(name: String, node: DocumentNode)] {
        guard let object = value.object else { throw error(.expected("an object")) }
        return object.members.map { ($0.name, DocumentNode($0.value, path: "\(path)/\(Self.escaped($0.name))")) }
    }

    func elements() throws(DocumentError) -> [DocumentNode] {
        guard let array = value.array else { throw error(.expected("an array")) }
        return array.enumerated().map { DocumentNode($1, path: "\(path)/\($0)") }
    }

    func string() throws(DocumentError) -> String {
        guard let string = value.string else { throw error(.expected("text")) }
        return string
    }

    func strings() throws(DocumentError) -> [String] {
        var strings: [String] = []
        for element in try elements() { strings.append(try element.string()) }
        return strings
    }

    func bool() throws(DocumentError) -> Bool {
        guard let bool = value.bool else { throw error(.expected("true or false")) }
        return bool
    }

    func int(in range: ClosedRange<Int64>) throws(DocumentError) -> Int {
        guard let int = value.int, range.contains(int) else {
            throw error(.expected("a whole number from \(range.lowerBound) to \(range.upperBound)"))
        }
        return Int(int)
    }

    func requireString(_ key: String) throws(DocumentError) -> String { try require(key).string() }

    /// Refuses every member that is not known. OpenAPI lets any `x-` extension stand; one of API Gateway's that is not known here would
    /// be a promise not kept, so only foreign ones may stay.
    func allow(_ known: Set<String>) throws(DocumentError) {
        for (name, node) in try members() where !known.contains(name) {
            if name.hasPrefix("x-"), !name.hasPrefix("x-amazon-") { continue }
            throw node.error(.unsupported(name))
        }
    }

    func error(_ problem: DocumentError.Problem) -> DocumentError { DocumentError(problem, at: path) }
}
