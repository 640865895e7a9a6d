internal import Contracts
internal import Encodings
internal import JSON

/// The form of `keyring.json`.
extension Keyring {
    /// - Parameter file: the name errors carry.
    init(parsing bytes: [UInt8], file: String) throws(SecretsError) {
        let document: JSONValue
        do throws(JSONError) {
            document = try JSON.parse(bytes)
        } catch {
            throw .malformed(file: file, part: error.description)
        }
        let reader = Reader(file: file)
        service = document["service"] == nil ? nil : try reader.service(document, "service")
        cluster = try reader.string(document, "cluster")
        account = try reader.string(document, "account")
        callers = try reader.list(document, "callers") { (entry) throws(SecretsError) in
            CallerKey(
                caller: try reader.service(entry, "caller"), accessKeyID: try reader.string(entry, "accessKeyId"),
                material: try reader.material(entry), replaced: try reader.replaced(entry))
        }
        identityKeys = try reader.list(document, "identityKeys") { (entry) throws(SecretsError) in
            IdentityKey(
                audience: try reader.service(entry, "audience"), kid: try reader.string(entry, "kid"), key: try reader.key(entry),
                replaced: try reader.replaced(entry))
        }
        eventKeys = try reader.list(document, "eventKeys") { (entry) throws(SecretsError) in
            EventKey(
                source: try reader.service(entry, "source"), kid: try reader.string(entry, "kid"), key: try reader.key(entry),
                replaced: try reader.replaced(entry))
        }
    }

    var json: [UInt8] {
        var members: JSONObject = [:]
        if let service { members["service"] = .string(service.rawValue) }
        for (name, value) in keys { members[name] = value }
        return JSON.encode(.object(members))
    }

    private var keys: KeyValuePairs<String, JSONValue> {
        [
            "cluster": .string(cluster),
            "account": .string(account),
            "callers": .array(
                callers.map {
                    let (name, value): (String, JSONValue) =
                        switch $0.material {
                        case .secret(let secret): ("secret", .string(secret))
                        case .days(let days): ("days", days.json)
                        }
                    return Self.entry(
                        ["caller": .string($0.caller.rawValue), "accessKeyId": .string($0.accessKeyID), name: value], replaced: $0.replaced)
                }),
            "identityKeys": .array(
                identityKeys.map {
                    Self.entry(
                        ["audience": .string($0.audience.rawValue), "kid": .string($0.kid), "key": .string(Base64.encode($0.key))],
                        replaced: $0.replaced)
                }),
            "eventKeys": .array(
                eventKeys.map {
                    Self.entry(
                        ["source": .string($0.source.rawValue), "kid": .string($0.kid), "key": .string(Base64.encode($0.key))],
                        replaced: $0.replaced)
                }),
        ]
    }

    static func entry(_ members: JSONObject, replaced: Timestamp?) -> JSONValue {
        var members = members
        // In seconds since 1970.
        if let replaced { members["replaced"] = .number(JSONNumber(replaced.seconds)) }
        return .object(members)
    }

    private struct Reader {
        let file: String

        func string(_ value: JSONValue, _ name: String) throws(SecretsError) -> String {
            guard let text = value[name]?.string, !text.isEmpty else { throw .malformed(file: file, part: name) }
            return text
        }

        func service(_ value: JSONValue, _ name: String) throws(SecretsError) -> ServiceName {
            guard let service = ServiceName(rawValue: try string(value, name)) else { throw .malformed(file: file, part: name) }
            return service
        }

        func material(_ value: JSONValue) throws(SecretsError) -> CallerKey.Material {
            guard let member = value["days"] else { return .secret(try string(value, "secret")) }
            guard let days = SigningDays(json: member) else { throw .malformed(file: file, part: "days") }
            return .days(days)
        }

        /// Absent for a key that is in use.
        func replaced(_ value: JSONValue) throws(SecretsError) -> Timestamp? {
            guard let member = value["replaced"] else { return nil }
            guard let seconds = member.int else { throw .malformed(file: file, part: "replaced") }
            return Timestamp(seconds: seconds)
        }

        func key(_ value: JSONValue) throws(SecretsError) -> [UInt8] {
            guard let key = Base64.decode(try string(value, "key")), key.count == SecretsGenerator.keyLength else {
                throw .malformed(file: file, part: "key")
            }
            return key
        }

        func list<Element>(
            _ value: JSONValue, _ name: String, _ element: (JSONValue) throws(SecretsError) -> Element
        ) throws(SecretsError) -> [Element] {
            guard let entries = value[name]?.array else { throw .malformed(file: file, part: name) }
            var list: [Element] = []
            for entry in entries { list.append(try element(entry)) }
            return list
        }
    }
}
