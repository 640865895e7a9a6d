public import HTTP
internal import Processes

/// Reads typed settings: a flag `--key value` first, then the environment variable `STRONGROOM_KEY`, then the default.
///
/// Each setting is read where the value that needs it is made, and documented there: a reader made by `describing` answers every question with its
/// default and remembers the question, which is how `--help` knows all keys. Nothing is guessed: an unknown or repeated flag, a value out of
/// range or a missing setting is an error.
public struct ConfigurationReader: Sendable {
    /// One key, as `--help` shows it.
    public struct Key: Equatable, Sendable {
        public let name: String
        public let standard: String?
        public let help: String
    }

    private var flags: [String: String]
    private let environment: [String: String]
    private let isDescribing: Bool
    private var unread: Set<String>
    /// Flags without a value where one is needed.
    private var valueless: [String] = []
    /// Every key asked for so far, in order.
    public private(set) var keys: [Key] = []

    /// - Parameter arguments: what follows the subcommand's name.
    public init(arguments: some Sequence<String>, environment: [String: String]) throws(ConfigurationError) {
        flags = try Self.parse(Array(arguments))
        self.environment = environment
        isDescribing = false
        unread = Set(flags.keys)
    }

    /// For a program that starts a service in its own process: these settings, and defaults.
    public init(settings: [String: String]) {
        flags = settings
        environment = [:]
        isDescribing = false
        unread = Set(settings.keys)
    }

    private init(describing: Void) {
        flags = [:]
        environment = [:]
        isDescribing = true
        unread = []
    }

    /// A reader that only gathers the keys.
    public static var describing: ConfigurationReader { ConfigurationReader(describing: ()) }

    /// A setting that must be set unless there is a default.
    public mutating func string(_ key: StaticString, default standard: String? = nil, help: StaticString) throws(ConfigurationError)
        -> String
    {
        if let value = value(of: key, standard, help) ?? standard { return value }
        guard isDescribing else { throw .missing(key: key.description) }
        return ""
    }

    /// Whether the setting is made, by flag or by variable, and not left to its default.
    public func isMade(_ key: StaticString) -> Bool {
        flags[key.description] != nil || variable(Self.environmentName(of: key.description)) != nil
    }

    public mutating func optionalString(_ key: StaticString, help: StaticString) -> String? {
        value(of: key, nil, help)
    }

    /// One that others have a standard environment variable for; our own goes before it.
    public mutating func optionalString(_ key: StaticString, environment standard: StaticString, help: StaticString) -> String? {
        value(of: key, nil, help) ?? variable(standard.description)
    }

    public mutating func integer(
        _ key: StaticString, default standard: Int, in range: ClosedRange<Int>, help: StaticString
    ) throws(ConfigurationError) -> Int {
        guard let text = value(of: key, "\(standard)", help) else { return standard }
        guard let number = Int(text), range.contains(number) else {
            throw .invalid(key: key.description, value: text, expected: "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// `--key` alone means true.
    public mutating func flag(_ key: StaticString, default standard: Bool = false, help: StaticString) throws(ConfigurationError) -> Bool {
        guard let text = value(of: key, "\(standard)", help, mayBeEmpty: true) else { return standard }
        switch text {
        case "true", "": return true
        case "false": return false
        default: throw .invalid(key: key.description, value: text, expected: "true or false")
        }
    }

    public mutating func choice<Choice: CaseIterable & RawRepresentable<String>>(
        _ key: StaticString, default standard: Choice, help: StaticString
    ) throws(ConfigurationError) -> Choice {
        guard let text = value(of: key, standard.rawValue, help) else { return standard }
        return try Self.choice(text, key)
    }

    /// One that must be made.
    public mutating func choice<Choice: CaseIterable & RawRepresentable<String>>(
        _ key: StaticString, help: StaticString
    ) throws(ConfigurationError) -> Choice {
        let text = try string(key, help: help)
        if isDescribing, let any = Choice.allCases.first { return any }
        return try Self.choice(text, key)
    }

    private static func choice<Choice: CaseIterable & RawRepresentable<String>>(
        _ text: String, _ key: StaticString
    ) throws(ConfigurationError) -> Choice {
        guard let choice = Choice(rawValue: text) else {
            throw .invalid(key: key.description, value: text, expected: "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return choice
    }

    public mutating func optionalEndpoint(_ key: StaticString, help: StaticString) throws(ConfigurationError) -> Endpoint? {
        guard let text = value(of: key, nil, help) else { return nil }
        return try Self.endpoint(text, key)
    }

    public mutating func endpoint(_ key: StaticString, default standard: Endpoint, help: StaticString) throws(ConfigurationError)
        -> Endpoint
    {
        guard let text = value(of: key, standard.text, help) else { return standard }
        return try Self.endpoint(text, key)
    }

    private static func endpoint(_ text: String, _ key: StaticString) throws(ConfigurationError) -> Endpoint {
        guard let endpoint = Endpoint(text) else { throw .invalid(key: key.description, value: text, expected: "HOST:PORT") }
        return endpoint
    }

    /// Comma-separated; no default but an empty list.
    public mutating func list(_ key: StaticString, help: StaticString) -> [String] {
        (value(of: key, nil, help) ?? "").split(separator: ",").map(String.init)
    }

    /// Call it when all settings are read: refuses flags that nobody asked for, and those that lack their value.
    public func finish() throws(ConfigurationError) {
        if let first = valueless.first { throw .missingValue(key: first) }
        if let first = unread.sorted().first { throw .unknownKey(first) }
    }

    /// Variables that are named as settings are and are none: misspelt, perhaps. They are told rather than refused, since an engine may set some for its own purposes
    /// (`STRONGROOM_SERVICE_HOST`).
    /// - Parameter settings: all that any subcommand has, since processes may share an environment.
    public func strayVariables(beside settings: Set<String>) -> [String] {
        let known = Set(settings.map(Self.environmentName)).union([FailPoint.variable])
        return environment.keys.filter { $0.hasPrefix("STRONGROOM_") && !known.contains($0) }.sorted()
    }

    static func environmentName(of key: String) -> String {
        "STRONGROOM_" + key.uppercased().split(separator: "-").joined(separator: "_")
    }

    private mutating func value(of key: StaticString, _ standard: String?, _ help: StaticString, mayBeEmpty: Bool = false) -> String? {
        let name = key.description
        if !keys.contains(where: { $0.name == name }) { keys.append(Key(name: name, standard: standard, help: help.description)) }
        unread.remove(name)
        if let flag = flags[name] {
            if flag.isEmpty, !mayBeEmpty { valueless.append(name) }
            return flag
        }
        return variable(Self.environmentName(of: name))
    }

    /// One that is set to nothing counts as unset, as engines and shells pass one on that they don't have.
    private func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

    private static func parse(_ arguments: [String]) throws(ConfigurationError) -> [String: String] {
        var flags: [String: String] = [:]
        var index = 0
        while index < arguments.count {
            guard arguments[index].hasPrefix("--"), arguments[index].count > 2 else { throw .unexpectedArgument(arguments[index]) }
            var key = String(arguments[index].dropFirst(2))
            var value = ""
            if let equals = key.firstIndex(of: "=") {
                value = String(key[key.index(after: equals)...])
                key = String(key[..<equals])
            } else if index + 1 < arguments.count, !arguments[index + 1].hasPrefix("--") {
                index += 1
                value = arguments[index]
            }
            guard flags.updateValue(value, forKey: key) == nil else { throw .repeatedKey(key) }
            index += 1
        }
        return flags
    }
}
