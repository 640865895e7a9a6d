/// Recursive descent over a span. The depth limit bounds the recursion.
struct JSONParser {
    let limits: JSONLimits
    var position = 0
    var depth = 0
    var values = 0

    init(limits: JSONLimits) {
        self.limits = limits
    }

    /// RFC 8259 §2: `JSON-text = ws value ws`.
    mutating func document(_ bytes: Span<UInt8>) throws(JSONFault) -> JSONValue {
        skipSpace(bytes)
        let value = try value(bytes)
        skipSpace(bytes)
        guard position == bytes.count else { throw JSONFault(.trailingText, at: position) }
        return value
    }

    /// §3. The position is at the first byte of the value.
    mutating func value(_ bytes: Span<UInt8>) throws(JSONFault) -> JSONValue {
        values += 1
        guard values <= limits.values else { throw JSONFault(.tooManyValues, at: position) }
        guard position < bytes.count else { throw JSONFault(.unexpectedEnd, at: position) }
        switch bytes[position] {
        case UInt8(ascii: "\""):
            return .string(try string(bytes))
        case UInt8(ascii: "{"):
            return .object(JSONObject(unique: try members(bytes)))
        case UInt8(ascii: "["):
            return .array(try elements(bytes))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return .number(try number(bytes))
        case UInt8(ascii: "t"):
            try literal("true", bytes)
            return .bool(true)
        case UInt8(ascii: "f"):
            try literal("false", bytes)
            return .bool(false)
        case UInt8(ascii: "n"):
            try literal("null", bytes)
            return .null
        default:
            throw JSONFault(.unexpectedByte, at: position)
        }
    }

    private mutating func literal(_ word: String, _ bytes: Span<UInt8>) throws(JSONFault) {
        for expected in word.utf8 {
            guard position < bytes.count else { throw JSONFault(.unexpectedEnd, at: position) }
            guard bytes[position] == expected else { throw JSONFault(.unexpectedByte, at: position) }
            position += 1
        }
    }

    /// §4. The position is at the brace.
    private mutating func members(_ bytes: Span<UInt8>) throws(JSONFault) -> [JSONObject.Member] {
        try enter()
        var members: [JSONObject.Member] = []
        var names = NameSet()
        if try closes(UInt8(ascii: "}"), bytes) { return members }
        while true {
            guard position < bytes.count else { throw JSONFault(.unexpectedEnd, at: position) }
            guard bytes[position] == UInt8(ascii: "\"") else { throw JSONFault(.unexpectedByte, at: position) }
            let start = position
            let name = try string(bytes)
            guard names.isNew(name, after: members) else { throw JSONFault(.duplicateName, at: start) }
            try colon(bytes)
            members.append(JSONObject.Member(name: name, value: try value(bytes)))
            if try ends(UInt8(ascii: "}"), bytes) { return members }
        }
    }

    /// Steps from a name to its value.
    mutating func colon(_ bytes: Span<UInt8>) throws(JSONFault) {
        skipSpace(bytes)
        guard position < bytes.count else { throw JSONFault(.unexpectedEnd, at: position) }
        guard bytes[position] == UInt8(ascii: ":") else { throw JSONFault(.unexpectedByte, at: position) }
        position += 1
        skipSpace(bytes)
    }

    /// §5. The position is at the bracket.
    private mutating func elements(_ bytes: Span<UInt8>) throws(JSONFault) -> [JSONValue] {
        try enter()
        var elements: [JSONValue] = []
        if try closes(UInt8(ascii: "]"), bytes) { return elements }
        while true {
            elements.append(try value(bytes))
            if try ends(UInt8(ascii: "]"), bytes) { return elements }
        }
    }

    /// Steps over an opening bracket.
    mutating func enter() throws(JSONFault) {
        depth += 1
        guard depth <= limits.depth else { throw JSONFault(.tooDeep, at: position) }
        position += 1
    }

    /// True, and past it, if an empty array or object closes here.
    mutating func closes(_ bracket: UInt8, _ bytes: Span<UInt8>) throws(JSONFault) -> Bool {
        skipSpace(bytes)
        guard position < bytes.count else { throw JSONFault(.unexpectedEnd, at: position) }
        guard bytes[position] == bracket else { return false }
        position += 1
        depth -= 1
        return true
    }

    /// After an element: true, and past it, at the closing bracket; false, and at the next element, after a comma.
    mutating func ends(_ bracket: UInt8, _ bytes: Span<UInt8>) throws(JSONFault) -> Bool {
        if try closes(bracket, bytes) { return true }
        guard bytes[position] == UInt8(ascii: ",") else { throw JSONFault(.unexpectedByte, at: position) }
        position += 1
        skipSpace(bytes)
        return false
    }

    /// §2: space, tab, line feed, carriage return.
    mutating func skipSpace(_ bytes: Span<UInt8>) {
        while position < bytes.count {
            let byte = bytes[position]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            position += 1
        }
    }
}

/// Finds duplicate names. Few are compared one by one; many go into a hash table, so an object of 65,536 members costs no square.
///
/// Names are compared as `String`s, so two spellings of one text (é as one scalar or two) count as equal: a look-up couldn't
/// tell them apart either.
private struct NameSet {
    private var table: Set<String> = []
    /// A bit for each name so far: a name whose bit is not set is new.
    private var bits: UInt64 = 0
    /// Names that are not ASCII can be equal to others of other bytes, so then the bits tell nothing.
    private var isASCII = true

    mutating func isNew(_ name: String, after members: [JSONObject.Member]) -> Bool {
        let bit = note(name)
        if members.count < 16 {
            let mayBeKnown = bits & bit != 0 || !isASCII
            bits |= bit
            guard mayBeKnown else { return true }
            for member in members where member.name == name { return false }
            return true
        }
        if table.isEmpty {
            for member in members { table.insert(member.name) }
        }
        return table.insert(name).inserted
    }

    private mutating func note(_ name: String) -> UInt64 {
        let bytes = name.utf8.span
        var hash: UInt64 = 0
        var seen: UInt8 = 0
        for index in bytes.indices {
            hash = hash &* 31 &+ UInt64(bytes[index])
            seen |= bytes[index]
        }
        if seen > 0x7F { isASCII = false }
        return 1 << (hash & 63)
    }
}
