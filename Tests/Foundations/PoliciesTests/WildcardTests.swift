import Testing

@testable import Policies

@Suite struct WildcardTests {
    @Test func `A pattern matches what the textbook says it does`() {
        var random = SystemRandomNumberGenerator()
        // Few letters, so that much nearly fits; one of them of two bytes, one of three.
        let letters: [Unicode.Scalar] = ["a", "a", "b", "é", "€"]
        var matched = 0
        for round in 0..<20_000 {
            // Some longer than a word of bits.
            let (most, length) = round % 20 == 0 ? (200, 400) : (12, 16)
            let wild = Double.random(in: 0...0.7, using: &random)
            let pattern = (0..<Int.random(in: 0...most, using: &random)).map { _ -> Unicode.Scalar in
                guard Double.random(in: 0..<1, using: &random) < wild else { return letters.randomElement(using: &random)! }
                return Bool.random(using: &random) ? "*" : "?"
            }
            let text: [Unicode.Scalar]
            if Bool.random(using: &random) {
                text = (0..<Int.random(in: 0...length, using: &random)).map { _ in letters.randomElement(using: &random)! }
            } else {
                // Made from the pattern, so that it fits, but perhaps for one place.
                var made = pattern.flatMap { item -> [Unicode.Scalar] in
                    switch item {
                    case "*": (0..<Int.random(in: 0...3, using: &random)).map { _ in letters.randomElement(using: &random)! }
                    case "?": [letters.randomElement(using: &random)!]
                    default: [item]
                    }
                }
                if Bool.random(using: &random), let place = made.indices.randomElement(using: &random) {
                    made[place] = letters.randomElement(using: &random)!
                }
                text = made
            }
            let expected = Self.textbook(pattern, text)
            matched += expected ? 1 : 0
            var index = TextIndex()
            guard Self.matches(Self.bytes(pattern), Self.bytes(text), &index) == expected else {
                Issue.record("\(String(String.UnicodeScalarView(pattern))) against \(String(String.UnicodeScalarView(text))): not \(expected)")
                return
            }
        }
        #expect(4_000...16_000 ~= matched, "the rounds say something of both")
    }

    @Test(arguments: [
        "*" + String(repeating: "a", count: 468) + "b*", String(repeating: "*a", count: 200) + "*b*",
        "*" + String(repeating: "ab", count: 100) + "*" + String(repeating: "a", count: 200) + "b*",
        "*?" + String(repeating: "a", count: 468) + "b*", "*" + String(repeating: "a?", count: 230) + "b*",
        String(repeating: "*?a", count: 150) + "*b*",
    ]) func `A hostile pattern costs a word of bits for each of its bytes and 64 of the text`(_ pattern: String) {
        for text in [String(repeating: "a", count: 1_600), String(repeating: "ab", count: 800), String(repeating: "é", count: 800)] {
            var index = TextIndex()
            _ = Self.matches(pattern.utf8, Array(text.utf8), &index)
            // Each `?` may look four times in a text of characters of several bytes.
            let looks = pattern.utf8.count + (text.first == "é" ? 3 * pattern.count { $0 == "?" } : 0)
            #expect(index.work <= looks * 26)
        }
    }

    @Test func `All patterns of a policy together cost as much as they are long`() throws {
        let patterns = (0..<2_000).map { "arn:::::*a" + ($0 % 2 == 0 ? "b*" : "?b*") }
        let document = PolicyDocument(statements: [
            Statement(effect: .deny, actions: .init([try ActionPattern("*")]), resources: .init(try patterns.map { try ResourcePattern($0) }))
        ])
        var index = TextIndex()
        let resource = Array(("arn:::::" + String(repeating: "a", count: 1_592)).utf8)
        #expect(CompiledPolicy(document, action: "a:B").decide(resource.span, &index) == .implicitDeny)
        #expect(index.work <= 2_000 * 3 * 26)
    }

    @Test(arguments: ["", "*", "**", "a/*", "a/b", "a/*/b", "*/b", "a?c"]) func `What needs no search isn't searched for`(_ pattern: String) {
        var index = TextIndex()
        _ = Self.matches(pattern.utf8, Array(repeating: UInt8(ascii: "a"), count: 1_600), &index)
        #expect(index.work == 0)
    }

    /// With something before and behind the text, which is none of it.
    private static func matches(_ pattern: some Collection<UInt8>, _ text: [UInt8], _ index: inout TextIndex) -> Bool {
        let around = Array(repeating: UInt8(ascii: "a"), count: Int.random(in: 0...70))
        let whole = around + text + around
        return Wildcard(pattern).matches(whole.span, around.count..<around.count + text.count, &index)
    }

    /// A row for each item of the pattern: which lengths of the text it fits.
    private static func textbook(_ pattern: [Unicode.Scalar], _ text: [Unicode.Scalar]) -> Bool {
        var fits = [true] + [Bool](repeating: false, count: text.count)
        for item in pattern {
            var next = [item == "*" && fits[0]]
            for (index, scalar) in text.enumerated() {
                next.append(item == "*" ? fits[index + 1] || next[index] : fits[index] && (item == "?" || item == scalar))
            }
            fits = next
        }
        return fits[text.count]
    }

    private static func bytes(_ scalars: [Unicode.Scalar]) -> [UInt8] { Array(String(String.UnicodeScalarView(scalars)).utf8) }
}
