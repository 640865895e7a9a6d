internal import Encodings
public import JSON

/// `{"20261128": "…", …}`, keys in base 64.
extension SigningDays {
    public init?(json: JSONValue) {
        guard let members = json.object?.members else { return nil }
        var keys: [String: [UInt8]] = [:]
        for (day, value) in members.map({ ($0.name, $0.value) }) {
            guard let key = value.string.flatMap({ Base64.decode($0) }) else { return nil }
            keys[day] = key
        }
        self.init(keys)
    }

    public var json: JSONValue {
        var object: JSONObject = [:]
        for (day, key) in keys.sorted(by: { $0.key < $1.key }) { object[day] = .string(Base64.encode(key)) }
        return .object(object)
    }
}
