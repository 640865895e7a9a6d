internal import Bytes
internal import Encodings

/// A call of AWS's Query protocol: a form with `Action`, `Version` and the parameters.
struct QueryRequest: Sendable {
    let action: String
    let version: String
    private let parameters: [String: String]

    /// Most parameters that are read.
    static let maximumParameters = 200

    init(form: Span<UInt8>) throws(QueryError) {
        var parameters: [String: String] = [:]
        var index = 0
        while index < form.count {
            var end = index
            while end < form.count, form[end] != UInt8(ascii: "&") { end += 1 }
            if end > index {
                let (name, value) = try Self.pair(form.extracting(index..<end))
                guard parameters.updateValue(value, forKey: name) == nil else { throw .malformedRequest("Duplicate parameter \(name)") }
                guard parameters.count <= Self.maximumParameters else { throw .malformedRequest("Too many parameters") }
            }
            index = end + 1
        }
        // Texts are equal that Unicode has as two spellings of one, such as the Kelvin sign and K; here they are none of ours.
        if let stranger = parameters.keys.filter({ !$0.utf8.allSatisfy { $0 < 0x80 } }).min() { throw .unsupportedParameter(stranger) }
        guard let action = parameters.removeValue(forKey: "Action"), !action.isEmpty else { throw .missingAction }
        self.action = action
        version = parameters.removeValue(forKey: "Version") ?? ""
        self.parameters = parameters
    }

    private static func pair(_ text: Span<UInt8>) throws(QueryError) -> (String, String) {
        var equals = 0
        while equals < text.count, text[equals] != UInt8(ascii: "=") { equals += 1 }
        let rest = equals < text.count ? text.extracting((equals + 1)...) : text.extracting(0..<0)
        guard let name = PercentEncoding.decode(text.extracting(0..<equals), plusIsSpace: true),
            let value = PercentEncoding.decode(rest, plusIsSpace: true), let nameText = String(validating: name, as: UTF8.self),
            let valueText = String(validating: value, as: UTF8.self)
        else { throw .malformedRequest("The request body is not a form in UTF-8.") }
        return (nameText, valueText)
    }

    func requireOnly(_ known: Set<String>) throws(QueryError) {
        // The first by name, so that the same request always gets the same answer.
        guard let unknown = parameters.keys.filter({ !known.contains($0) }).min() else { return }
        throw .unsupportedParameter(unknown)
    }

    func text(_ name: String) -> String? { parameters[name] }

    func required(_ name: String) throws(QueryError) -> String {
        guard let value = parameters[name] else { throw .missingParameter(name) }
        return value
    }

    /// `[\w+=,.@-]{1,limit}`
    func name(_ name: String, upTo limit: Int) throws(QueryError) -> String {
        let value = try required(name)
        guard (1...limit).contains(value.utf8.count) else {
            throw .invalidParameter(name, constraint: "Member must have length less than or equal to \(limit) and greater than or equal to 1")
        }
        guard value.utf8.allSatisfy(Self.isNameByte) else {
            throw .invalidParameter(name, constraint: "Member must satisfy regular expression pattern: [\\w+=,.@-]+")
        }
        return value
    }

    /// `/` or `/…/`.
    func path() throws(QueryError) -> String {
        guard let value = parameters["Path"] else { return "/" }
        let isValid =
            value == "/"
            || (value.utf8.count <= 512 && value.utf8.count > 2 && value.hasPrefix("/") && value.hasSuffix("/")
                && value.utf8.allSatisfy { 0x21...0x7E ~= $0 })
        guard isValid else { throw .invalidParameter("Path", constraint: "Member must satisfy regular expression pattern: (/)|(/[!-~]+/)") }
        return value
    }

    /// What a path begins with; all do with `/`.
    func pathPrefix() throws(QueryError) -> String {
        guard let value = parameters["PathPrefix"] else { return "/" }
        guard value.utf8.count <= 512, value.hasPrefix("/"), value.utf8.allSatisfy({ 0x21...0x7F ~= $0 }) else {
            throw .invalidParameter("PathPrefix", constraint: "Member must satisfy regular expression pattern: \\u002F[\\u0021-\\u007F]*")
        }
        return value
    }

    func integer(_ name: String, in range: ClosedRange<Int>, default standard: Int) throws(QueryError) -> Int {
        guard let text = parameters[name] else { return standard }
        guard let number = Decimal.parse(text), range.contains(number) else {
            throw .invalidParameter(name, constraint: "Member must have value between \(range.lowerBound) and \(range.upperBound)")
        }
        return number
    }

    private static func isNameByte(_ byte: UInt8) -> Bool { byte.isAlphanumeric || "_+=,.@-".utf8.contains(byte) }
}
