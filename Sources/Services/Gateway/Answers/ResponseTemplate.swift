/// The body of a customised gateway response: text with `$context` variables. Variables that carry what a caller sent are not known
/// here, so that no answer repeats it unescaped.
struct ResponseTemplate: Hashable, Sendable {
    enum Variable: String, CaseIterable, Hashable, Sendable {
        /// The message as a JSON string with its quotes, or `null`.
        case messageString = "$context.error.messageString"
        /// The message without quotes.
        case message = "$context.error.message"
        /// What a request validator found; nothing, since there is none.
        case validationErrorString = "$context.error.validationErrorString"
        case responseType = "$context.error.responseType"
        case requestID = "$context.requestId"
        case stage = "$context.stage"
    }

    enum Part: Hashable, Sendable {
        case text([UInt8])
        case variable(Variable)
    }

    let parts: [Part]

    /// Nil, with the name, where the text uses a variable that is not known.
    static func parse(_ text: String) -> Result<ResponseTemplate, UnknownVariable> {
        var parts: [Part] = []
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            if dollar > rest.startIndex { parts.append(.text(Array(rest[..<dollar].utf8))) }
            rest = rest[dollar...]
            // The longest name first: `messageString` begins with `message`.
            let known = Variable.allCases.sorted { $0.rawValue.count > $1.rawValue.count }
            guard let variable = known.first(where: { rest.hasPrefix($0.rawValue) }) else {
                return .failure(UnknownVariable(name: String(rest.prefix { !$0.isWhitespace && $0 != "\"" && $0 != "}" && $0 != "," })))
            }
            parts.append(.variable(variable))
            rest = rest.dropFirst(variable.rawValue.count)
        }
        if !rest.isEmpty { parts.append(.text(Array(rest.utf8))) }
        return .success(ResponseTemplate(parts: parts))
    }

    struct UnknownVariable: Error, Equatable {
        let name: String
    }
}
