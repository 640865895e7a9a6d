/// The members of an object in the order they were written. Names are unique.
public struct JSONObject: Equatable, Sendable, ExpressibleByDictionaryLiteral {
    public struct Member: Equatable, Sendable {
        public let name: String
        public var value: JSONValue

        @inlinable
        public init(name: String, value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    public internal(set) var members: [Member]

    public init() {
        members = []
    }

    /// Of equal names the last wins.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        members = []
        for (name, value) in elements { self[name] = value }
    }

    init(unique members: [Member]) {
        self.members = members
    }

    public var count: Int { members.count }
    public var isEmpty: Bool { members.isEmpty }

    /// The value of a member; nil if there is none. Setting nil removes it. A look-up reads the members in order: objects are small.
    public subscript(name: String) -> JSONValue? {
        get {
            // By their places, which copies none but the one that is asked for; and two texts of different lengths need no comparing.
            let length = name.utf8.count
            for index in members.indices where members[index].name.utf8.count == length && members[index].name == name {
                return members[index].value
            }
            return nil
        }
        set {
            if let index = members.firstIndex(where: { $0.name == name }) {
                if let newValue { members[index].value = newValue } else { members.remove(at: index) }
            } else if let newValue {
                members.append(Member(name: name, value: newValue))
            }
        }
    }
}
