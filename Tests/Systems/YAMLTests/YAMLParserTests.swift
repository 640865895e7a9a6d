import Testing
import YAML

@Suite struct YAMLParserTests {
    func parse(_ text: String, limits: YAMLLimits = .standard) throws -> YAMLNode {
        try YAMLParser.parse(Array(text.utf8), limits: limits)
    }

    func reason(_ text: String, limits: YAMLLimits = .standard) -> YAMLError.Reason? {
        do throws(YAMLError) {
            _ = try YAMLParser.parse(Array(text.utf8), limits: limits)
            return nil
        } catch { return error.reason }
    }

    @Test func `block and flow style give one tree, with lines and in order`() throws {
        let block = try parse("b: 1\na:\n  - x\n  - 'y'\nc: {}\n")
        #expect(block == (try parse("{b: 1, a: [x, \"y\"], c: {}}")))
        guard case .mapping(let members, 1) = block else { Issue.record("not a mapping"); return }
        #expect(members.map(\.key) == ["b", "a", "c"])
        #expect(members.map(\.value.line) == [1, 3, 5])
    }

    @Test func `quotes and block indicators make text, nothing makes a plain scalar`() throws {
        #expect(try parse("5") == .scalar("5", isPlain: true, line: 1))
        #expect(try parse("'5'") == .scalar("5", isPlain: false, line: 1))
        #expect(try parse("|\n  5\n") == .scalar("5\n", isPlain: false, line: 1))
        #expect(try parse("\"caf\\u00e9\"") == .scalar("café", isPlain: false, line: 1))
    }

    @Test(
        "what means more than it shows is refused",
        arguments: [
            ("a: &x 1", "an anchor"), ("a: &x [1]", "an anchor"), ("&x a: 1", "an anchor"), ("a: &x {b: 1}", "an anchor"),
            ("a: !!str 1", "a tag"), ("a: !x [1]", "a tag"), ("!!map {a: 1}", "a tag"), ("a: *x", "an alias"),
            ("<<: {a: 1}", "a merge key"), ("%YAML 1.1\n--- a", "a directive"), ("%TAG ! x\n--- a", "a directive"),
            ("--- a\n--- b", "a second document"),
        ])
    func unsupported(text: String, construct: String) {
        #expect(reason(text) == .unsupported(construct))
    }

    @Test func `a key may not stand twice, be a collection or be null`() {
        #expect(reason("a: 1\n'a': 2") == .duplicateKey("a"))
        #expect(reason("a: {b: 1, b: 1}") == .duplicateKey("b"))
        #expect(reason("[a]: 1") == .keyNotText)
        #expect(reason("? {a: b}\n: 1") == .keyNotText)
        #expect(reason("~: 1") == .keyNotText)
    }

    @Test func `a quoted merge key is a key`() throws {
        #expect(try parse("'<<': 1") == .mapping([("<<", .scalar("1", isPlain: true, line: 1))], line: 1))
    }

    @Test func `what is not YAML is refused with its place`() throws {
        #expect(throws: YAMLError.self) { try parse("a: [1") }
        #expect(throws: YAMLError.self) { try parse("a: b: c") }
        #expect(throws: YAMLError.self) { try parse("\tkey: 1") }
        #expect(reason("") == .empty)
        #expect(reason("# only a comment\n") == .empty)
        do throws(YAMLError) {
            _ = try YAMLParser.parse(Array("ok: 1\nbad: [1, }".utf8))
            Issue.record("accepted")
        } catch { #expect(error.line == 2) }
    }

    @Test func `UTF-16 and broken UTF-8 are refused`() {
        #expect(throws: YAMLError.self) { try YAMLParser.parse([0xFF, 0xFE, 0x61, 0x00]) }
        #expect(throws: YAMLError.self) { try YAMLParser.parse([0x61, 0x3A, 0x20, 0xC0, 0xAF]) }
    }

    @Test func `limits hold`() {
        #expect(reason("aaaa", limits: YAMLLimits(bytes: 3)) == .tooLarge(limit: "3 bytes"))
        #expect(reason(String(repeating: "[", count: 100), limits: YAMLLimits(depth: 8)) == .tooLarge(limit: "8 levels"))
        #expect(reason("[1, 2, 3, 4]", limits: YAMLLimits(nodes: 4)) == .tooLarge(limit: "4 nodes"))
        #expect(reason("[1, 2, 3]", limits: YAMLLimits(nodes: 4)) == nil)
    }

    @Test func `a document cut anywhere parses or is refused`() {
        let text = Array("a: [1, 'x', {b: \"c\\u0041\"}]\nd:\n  - |\n    block\n  - >-\n    folded\n".utf8)
        for end in 0...text.count { _ = try? YAMLParser.parse(Array(text[..<end])) }
    }
}
