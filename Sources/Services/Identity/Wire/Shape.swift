import JSON

/// What the service model says of a member that is stored and shown without being acted upon: its type, and which values it may have.
indirect enum Shape: Sendable {
    case text(TextRule)
    case choice([String])
    case flag
    case integer(ClosedRange<Int64>)
    case list(Shape, count: ClosedRange<Int>)
    /// A map of strings.
    case map(key: TextRule, value: TextRule)
    case structure(KeyValuePairs<String, Shape>, required: Set<String> = [])
}

extension Input {
    /// The member as it came, but for what its shape doesn't have; its constraints are noted as those of members that are acted upon.
    mutating func value(_ name: String, _ shape: Shape) throws(IdentityError) -> JSONValue? {
        switch shape {
        case .text(let rule): return try optionalText(name, rule).map { .string($0) }
        case .choice(let choices): return try choice(name, among: choices).map { .string($0) }
        case .flag: return try flag(name).map { .bool($0) }
        case .integer(let range): return try integer(name, in: range).map { .integer($0) }
        case .list(.structure(let members, let required), let count):
            return try parts(name, count: count) { part throws(IdentityError) in try part.members(members, required) }.map { .array($0) }
        case .list(let element, let count):
            guard let values = try list(name, count: count) else { return nil }
            var result: [JSONValue] = []
            for value in values {
                var part = Input([name: value], at: place)
                guard let value = try part.value(name, element) else { throw Self.wrongType(name, "a list without null") }
                adopt(part)
                result.append(value)
            }
            return .array(result)
        case .map(let key, let value):
            guard let object = try structure(name) else { return nil }
            for (member, text) in try map(name) {
                note(key.violation(member), at: name, value: member)
                note(value.violation(text), at: name, value: text)
            }
            return .object(object)
        case .structure(let members, let required):
            return try part(name) { part throws(IdentityError) in try part.members(members, required) }
        }
    }

    private mutating func members(_ members: KeyValuePairs<String, Shape>, _ required: Set<String>) throws(IdentityError) -> JSONValue {
        var result: JSONObject = [:]
        for (member, shape) in members {
            let value = try value(member, shape)
            if value == nil, required.contains(member) { noteMissing(member) }
            result.put(member, value)
        }
        return .object(result)
    }
}
