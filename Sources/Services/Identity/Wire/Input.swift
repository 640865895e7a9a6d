import JSON

/// The members of a request, read against the service model.
///
/// A member of the wrong JSON type is a SerializationException at once; constraints that don't hold are gathered and thrown by `check`,
/// which every operation calls before it uses what it has read.
struct Input {
    let object: JSONObject
    /// Where this structure is in the request, with a dot behind it; empty for the request itself.
    let place: String
    private var violations: [String] = []

    init(_ object: JSONObject, at place: String = "") {
        self.object = object
        self.place = place
    }

    /// Throws what has been found wrong, all in one message, as the service does.
    func check() throws(IdentityError) {
        guard !violations.isEmpty else { return }
        let noun = violations.count == 1 ? "error" : "errors"
        throw IdentityError(.invalidParameter, "\(violations.count) validation \(noun) detected: \(violations.joined(separator: "; "))")
    }

    mutating func text(_ name: String, _ rule: TextRule) throws(IdentityError) -> String {
        if let value = try optionalText(name, rule) { return value }
        noteMissing(name)
        return ""
    }

    mutating func optionalText(_ name: String, _ rule: TextRule) throws(IdentityError) -> String? {
        guard let value = member(name) else { return nil }
        guard let text = value.string else { throw Self.wrongType(name, "a string") }
        note(rule.violation(text), at: name, value: rule.isSecret ? nil : text)
        return text
    }

    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String, _ type: Choice.Type) throws(IdentityError) -> Choice? {
        try choice(name, among: Choice.allCases.map(\.rawValue)).flatMap { Choice(rawValue: $0) }
    }

    /// The text, whether or not it is one of those.
    mutating func choice(_ name: String, among choices: [String]) throws(IdentityError) -> String? {
        guard let value = member(name) else { return nil }
        guard let text = value.string else { throw Self.wrongType(name, "a string") }
        if !choices.contains(where: { $0.utf8.elementsEqual(text.utf8) }) {
            note("Member must satisfy enum value set: [\(choices.joined(separator: ", "))]", at: name, value: text)
        }
        return text
    }

    mutating func requiredChoice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String, _ type: Choice.Type) throws(IdentityError)
        -> Choice?
    {
        if member(name) == nil { noteMissing(name) }
        return try choice(name, type)
    }

    mutating func requiredFlag(_ name: String) throws(IdentityError) -> Bool? {
        if member(name) == nil { noteMissing(name) }
        return try flag(name)
    }

    mutating func requiredInteger(_ name: String, in range: ClosedRange<Int64>) throws(IdentityError) -> Int64? {
        if member(name) == nil { noteMissing(name) }
        return try integer(name, in: range)
    }

    /// - Returns: what is within the range, so that who counts with it before the request is checked can't leave that of numbers.
    mutating func integer(_ name: String, in range: ClosedRange<Int64>) throws(IdentityError) -> Int64? {
        guard let value = member(name) else { return nil }
        guard let number = value.int else { throw Self.wrongType(name, "an integer") }
        if number > range.upperBound {
            note("Member must have value less than or equal to \(range.upperBound)", at: name, value: "\(number)")
        } else if number < range.lowerBound {
            note("Member must have value greater than or equal to \(range.lowerBound)", at: name, value: "\(number)")
        }
        return min(max(number, range.lowerBound), range.upperBound)
    }

    func flag(_ name: String) throws(IdentityError) -> Bool? {
        guard let value = member(name) else { return nil }
        guard let flag = value.bool else { throw Self.wrongType(name, "a boolean") }
        return flag
    }

    mutating func texts(_ name: String, _ rule: TextRule, count: ClosedRange<Int>) throws(IdentityError) -> [String]? {
        guard let values = try list(name, count: count) else { return nil }
        var texts: [String] = []
        for value in values {
            guard let text = value.string else { throw Self.wrongType(name, "a list of strings") }
            note(rule.violation(text).map { "Member must satisfy constraint: [\($0)]" }, at: name, value: rule.isSecret ? nil : "[\(text)]")
            texts.append(text)
        }
        return texts
    }

    mutating func choices<Choice: RawRepresentable<String> & CaseIterable>(_ name: String, _ type: Choice.Type) throws(IdentityError) -> [Choice]? {
        guard let values = try list(name, count: 0...Choice.allCases.count) else { return nil }
        var choices: [Choice] = []
        for value in values {
            guard let text = value.string else { throw Self.wrongType(name, "a list of strings") }
            if let choice = Choice.allCases.first(where: { $0.rawValue.utf8.elementsEqual(text.utf8) }) {
                if !choices.contains(where: { $0.rawValue == text }) { choices.append(choice) }
            } else {
                let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
                note("Member must satisfy constraint: [Member must satisfy enum value set: [\(names)]]", at: name, value: "[\(text)]")
            }
        }
        return choices
    }

    mutating func list(_ name: String, count: ClosedRange<Int>) throws(IdentityError) -> [JSONValue]? {
        guard let value = member(name) else { return nil }
        guard let values = value.array else { throw Self.wrongType(name, "a list") }
        if !count.contains(values.count) {
            let bound = values.count > count.upperBound ? "less than or equal to \(count.upperBound)" : "greater than or equal to \(count.lowerBound)"
            note("Member must have length \(bound)", at: name, value: nil)
        }
        return values
    }

    func structure(_ name: String) throws(IdentityError) -> JSONObject? {
        guard let value = member(name) else { return nil }
        guard let object = value.object else { throw Self.wrongType(name, "a structure") }
        return object
    }

    /// Reads a structure; what is found wrong in it is wrong with this request.
    @discardableResult
    mutating func part<Value>(_ name: String, _ read: (inout Input) throws(IdentityError) -> Value) throws(IdentityError) -> Value? {
        guard let object = try structure(name) else { return nil }
        var part = Input(object, at: "\(path(name)).")
        let value = try read(&part)
        adopt(part)
        return value
    }

    /// Reads a list of structures.
    mutating func parts<Value>(
        _ name: String, count: ClosedRange<Int>, _ read: (inout Input) throws(IdentityError) -> Value
    ) throws(IdentityError) -> [Value]? {
        guard let values = try list(name, count: count) else { return nil }
        var result: [Value] = []
        for (index, value) in values.enumerated() {
            guard let object = value.object else { throw Self.wrongType(name, "a list of structures") }
            var part = Input(object, at: "\(path(name)).\(index + 1).member.")
            result.append(try read(&part))
            adopt(part)
        }
        return result
    }

    /// Throws where one of these is there: what can't be done is never taken and ignored.
    func refuse(_ names: String...) throws(IdentityError) {
        for name in names where member(name) != nil { throw .notSupported(name) }
    }

    /// A map of strings.
    func map(_ name: String) throws(IdentityError) -> [String: String] {
        guard let object = try structure(name) else { return [:] }
        var map: [String: String] = [:]
        for member in object.members {
            guard let text = member.value.string else { throw Self.wrongType(name, "a map of strings") }
            map[member.name] = text
        }
        return map
    }

    /// Takes over what was found in a part of this request.
    mutating func adopt(_ part: Input) {
        violations += part.violations
    }

    /// The member as it is, for what was checked when it was stored.
    func raw(_ name: String) -> JSONValue? { member(name) }

    private func member(_ name: String) -> JSONValue? {
        guard let value = object[name], !value.isNull else { return nil }
        return value
    }

    mutating func noteMissing(_ name: String) {
        violations.append("Value null at '\(path(name))' failed to satisfy constraint: Member must not be null")
    }

    mutating func note(_ violation: String?, at name: String, value: String?) {
        guard let violation else { return }
        // What a caller sent is repeated in part only: the message also travels in a header.
        let shown = value.map { " '\(String($0.unicodeScalars.prefix(128)))'" } ?? ""
        violations.append("Value\(shown) at '\(path(name))' failed to satisfy constraint: \(violation)")
    }

    static func wrongType(_ name: String, _ type: String) -> IdentityError {
        IdentityError(.serialization, "\(name) must be \(type)")
    }

    private func path(_ name: String) -> String { place + name.prefix(1).lowercased() + name.dropFirst() }
}
