import Bootstrap
import HTTP
import Testing

@Suite struct ConfigurationReaderTests {
    private enum Colour: String, CaseIterable { case red, green }

    @Test func aFlagBeatsTheEnvironmentWhichBeatsTheDefault() throws {
        var reader = try ConfigurationReader(
            arguments: ["--one", "flag"], environment: ["STRONGROOM_ONE": "env", "STRONGROOM_TWO_MORE": "env"])
        #expect(try reader.string("one", default: "default", help: "") == "flag")
        #expect(try reader.string("two-more", default: "default", help: "") == "env")
        #expect(try reader.string("three", default: "default", help: "") == "default")
        #expect(reader.optionalString("four", help: "") == nil)
        try reader.finish()
    }

    @Test func variablesThatAreNoSettingAreTold() throws {
        let names = [
            "STRONGROOM_ONE", "STRONGROOM_TWO_MORE", "STRONGROOM_FAILPOINT", "STRONGROOM", "HOME", "STRONGROOM_TWO-MORE", "STRONGROOM_TO_MORE",
        ]
        let reader = try ConfigurationReader(arguments: [], environment: Dictionary(uniqueKeysWithValues: names.map { ($0, "") }))
        #expect(reader.strayVariables(beside: ["one", "two-more"]) == ["STRONGROOM_TO_MORE", "STRONGROOM_TWO-MORE"])
    }

    @Test func valuesAreTyped() throws {
        var reader = try ConfigurationReader(
            arguments: ["--count=7", "--fast", "--slow", "false", "--colour", "green", "--listen", "[::1]:80", "--names", "a,b"],
            environment: [:])
        #expect(try reader.integer("count", default: 1, in: 1...9, help: "") == 7)
        #expect(try reader.flag("fast", help: ""))
        #expect(try !reader.flag("slow", default: true, help: ""))
        #expect(try reader.choice("colour", default: Colour.red, help: "") == .green)
        #expect(try reader.endpoint("listen", default: Endpoint(host: "h", port: 1), help: "") == Endpoint(host: "::1", port: 80))
        #expect(reader.list("names", help: "") == ["a", "b"])
        try reader.finish()
    }

    @Test func whatIsNotUnderstoodIsRefused() throws {
        #expect(throws: ConfigurationError.unexpectedArgument("stray")) { try ConfigurationReader(arguments: ["stray"], environment: [:]) }
        #expect(throws: ConfigurationError.repeatedKey("a")) {
            try ConfigurationReader(arguments: ["--a", "1", "--a", "2"], environment: [:])
        }
        var reader = try ConfigurationReader(arguments: ["--count", "10", "--colour", "blue", "--odd", "1"], environment: [:])
        #expect(throws: ConfigurationError.invalid(key: "count", value: "10", expected: "a number from 1 to 9")) {
            try reader.integer("count", default: 1, in: 1...9, help: "")
        }
        #expect(throws: ConfigurationError.invalid(key: "colour", value: "blue", expected: "one of red, green")) {
            try reader.choice("colour", default: Colour.red, help: "")
        }
        #expect(throws: ConfigurationError.missing(key: "data")) { try reader.string("data", help: "") }
        #expect(throws: ConfigurationError.unknownKey("odd")) { try reader.finish() }
        #expect(ConfigurationError.missing(key: "data-folder").description == "--data-folder (or STRONGROOM_DATA_FOLDER) must be set")
    }

    @Test func describingGathersEveryKeyAndAsksForNone() throws {
        var reader = ConfigurationReader.describing
        _ = try reader.string("data", help: "Where it stores.")
        _ = try reader.integer("port", default: 8083, in: 0...65_535, help: "Where it listens.")
        #expect(reader.keys.map(\.name) == ["data", "port"])
        #expect(reader.keys.map(\.standard) == [nil, "8083"])
        #expect(reader.keys.map(\.help) == ["Where it stores.", "Where it listens."])
    }

    @Test(arguments: ["", ":1", "host", "host:", "host:x", "host:65536", "a b:1", "::1:80", "[host]:1", "host:-1"])
    func anEndpointIsAHostAndAPort(_ text: String) {
        #expect(Endpoint(text) == nil)
    }
}
