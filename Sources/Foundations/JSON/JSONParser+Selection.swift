internal import Bytes

/// An object of which only some members are wanted: the others are read as strictly, but no texts are made of them.
extension JSONParser {
    /// - Returns: the members of those names; nil where the document isn't an object.
    mutating func document(_ bytes: Span<UInt8>, keeping names: JSONNames) throws(JSONFault) -> JSONObject? {
        var quick = self
        if let members = try quick.selection(bytes, names) { return JSONObject(unique: members) }
        guard case .object(let object) = try document(bytes) else { return nil }
        return JSONObject(unique: object.members.filter { names.texts.contains($0.name) })
    }

    /// - Returns: nil where it isn't an object, or one with a name that is not plain ASCII or has an escape in it: whether two of those are the same
    ///   shows in texts only.
    private mutating func selection(_ bytes: Span<UInt8>, _ names: JSONNames) throws(JSONFault) -> [JSONObject.Member]? {
        skipSpace(bytes)
        guard position < bytes.count, bytes[position] == UInt8(ascii: "{") else { return nil }
        values += 1
        guard values <= limits.values else { throw JSONFault(.tooManyValues, at: position) }
        try enter()
        var members: [JSONObject.Member] = []
        members.reserveCapacity(names.texts.count)
        var seen: [Range<Int>] = []
        seen.reserveCapacity(Self.selectableMembers)
        // A bit for each name so far: one whose bit is not set is new.
        var bits: UInt64 = 0
        var isOver = try closes(UInt8(ascii: "}"), bytes)
        while !isOver {
            guard position < bytes.count else { throw JSONFault(.unexpectedEnd, at: position) }
            guard bytes[position] == UInt8(ascii: "\"") else { throw JSONFault(.unexpectedByte, at: position) }
            let start = position + 1
            let end = bytes.firstJSONSpecial(from: start)
            let name = bytes.extracting(start..<end)
            let wanted = names.index(of: name)
            // The rest of the document is for the other way, and so are its faults.
            guard end < bytes.count, bytes[end] == UInt8(ascii: "\""), wanted != nil || !name.holdsByte(above: 0x7F) else { return nil }
            guard seen.count < Self.selectableMembers else { return nil }
            let bit: UInt64 = 1 << UInt64((bytes[start] &+ bytes[end - 1] &+ UInt8(truncatingIfNeeded: name.count)) & 63)
            if bits & bit != 0 {
                for other in seen where other.count == name.count && bytes.extracting(other).hasSameBytes(as: name) {
                    throw JSONFault(.duplicateName, at: position)
                }
            }
            bits |= bit
            seen.append(start..<end)
            position = end + 1
            try colon(bytes)
            if let index = wanted {
                members.append(JSONObject.Member(name: names.texts[index], value: try value(bytes)))
            } else {
                try skipValue(bytes)
            }
            isOver = try ends(UInt8(ascii: "}"), bytes)
        }
        skipSpace(bytes)
        guard position == bytes.count else { throw JSONFault(.trailingText, at: position) }
        return members
    }

    /// Beyond it a table of texts finds duplicates sooner.
    private static let selectableMembers = 32

    /// A value that nobody wants. Arrays and objects are seldom among those.
    private mutating func skipValue(_ bytes: Span<UInt8>) throws(JSONFault) {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
            _ = try value(bytes)
            return
        }
        values += 1
        guard values <= limits.values else { throw JSONFault(.tooManyValues, at: position) }
        try skipString(bytes)
    }
}
