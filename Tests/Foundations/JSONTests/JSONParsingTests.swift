import JSON
import Testing

@Suite struct JSONParsingTests {
    @Test func `There are vectors`() {
        #expect(JSONVector.all.count > 150)
    }

    @Test(arguments: JSONVector.all) func `A text is read or refused as its vector says`(_ vector: JSONVector) {
        do throws(JSONError) {
            let value = try JSON.parse(vector.bytes)
            #expect(vector.accept == true, "accepted as \(value)")
            #expect(throws: Never.self) { try #expect(JSON.parse(JSON.encode(value)) == value) }
        } catch {
            #expect(vector.refuse == "\(error.reason)", "\(error)")
        }
    }

    @Test(arguments: JSONVector.all) func `Members that nobody wants are read as strictly as others`(_ vector: JSONVector) throws {
        for text in [vector.bytes, Array(#"{"kept":1,"":"#.utf8) + vector.bytes + Array(#","also":[2]}"#.utf8)] {
            for names in [[], ["kept"], ["also", "kept", ""]] {
                let whole = Result { () throws(JSONError) in try JSON.parse(text) }
                let selected = Result { () throws(JSONError) in try JSON.object(text.span, keeping: JSONNames(names)) }
                switch (whole, selected) {
                case (.success(let value), .success(let object)):
                    #expect(object?.members == value.object?.members.filter { names.contains($0.name) })
                case (.failure(let one), .failure(let other)): #expect(one == other)
                default: Issue.record("\(whole) and \(selected)")
                }
            }
        }
    }

    @Test(arguments: [
        #"{"a":1,"a":2}"#, #"{"b":1,"\u0062":2}"#, #"{"\u0063":1,"c":2}"#, "{\"K\":1,\"\u{212A}\":2}", "{\"é\":1,\"e\u{301}\":2}",
        "{" + (0..<40).map { "\"n\($0)\":0" }.joined(separator: ",") + #","n3":1}"#,
    ])
    func `A name is there once, wanted or not, however it is written`(_ text: String) {
        for names in [[], ["a", "b", "c", "K", "n3"]] {
            let error = #expect(throws: JSONError.self) { try JSON.object(text.utf8.span, keeping: JSONNames(names)) }
            #expect(error?.reason == .duplicateName)
        }
    }

    @Test func `Members are kept in their order, by whichever way their names are written`() throws {
        let text = #"{"x":{"deep":[1,{}]},"b":true,"\u0061":"A","é":null,"c":"\n"}"#
        let object = try JSON.object(text.utf8.span, keeping: JSONNames(["a", "b", "missing"]))
        #expect(object == ["b": true, "a": "A"])
        #expect(try JSON.object("[1]".utf8.span, keeping: JSONNames(["a"])) == nil)
    }

    @Test func `Values keep their kinds and order`() throws {
        let value = try JSON.parse(#"{"b": [1, -2.50, "x"], "a": {"t": true, "n": null}, "big": 123456789012345678901234567890}"#)
        #expect(value.object?.members.map(\.name) == ["b", "a", "big"])
        #expect(value["b"]?[0]?.int == 1)
        #expect(value["b"]?[1]?.int == nil)
        #expect(value["b"]?[1]?.double == -2.5)
        #expect(value["b"]?[2]?.string == "x")
        #expect(value["b"]?[3] == nil)
        #expect(value["a"]?["t"]?.bool == true)
        #expect(value["a"]?["n"]?.isNull == true)
        #expect(value["c"] == nil)
        #expect(
            String(decoding: JSON.encode(value), as: UTF8.self)
                == #"{"b":[1,-2.50,"x"],"a":{"t":true,"n":null},"big":123456789012345678901234567890}"#)
    }

    @Test(arguments: [
        (#"{"a": 1, "b": }"#, 14, 1, 15), ("[\n1,\n  2 3]", 9, 3, 5), ("[1,\n\"\\uD800\"]", 5, 2, 2), ("", 0, 1, 1), ("{\"a\":1,\n\"a\":2}", 8, 2, 1),
        ("[\"ab\u{1}\"]", 4, 1, 5),
    ])
    func `An error says where`(_ text: String, _ offset: Int, _ line: Int, _ column: Int) {
        let error = #expect(throws: JSONError.self) { try JSON.parse(text) }
        #expect(error?.offset == offset)
        #expect(error?.line == line)
        #expect(error?.column == column)
    }

    @Test func `Limits are the caller's`() throws {
        let limits = JSONLimits(bytes: 12, depth: 2, values: 4)
        #expect(throws: Never.self) { try JSON.parse("[[1,2]]     ", limits: limits) }
        #expect(throws: JSONError.self) { try JSON.parse("[[1,2]]      ", limits: limits) }
        #expect(throws: JSONError.self) { try JSON.parse("[[[]]]", limits: limits) }
        #expect(throws: JSONError.self) { try JSON.parse("[1,2,3,4]", limits: limits) }
    }

    @Test func `Integers at the ends of their range are exact`() throws {
        #expect(try JSON.parse("-9223372036854775808").int == .min)
        #expect(try JSON.parse("9223372036854775807").int == .max)
        #expect(try JSON.parse("9223372036854775808").int == nil)
        #expect(try JSON.parse("-9223372036854775809").int == nil)
        #expect(try JSON.parse("1e400").double == .infinity)
    }
}
