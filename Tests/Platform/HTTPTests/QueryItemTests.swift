import HTTP
import Testing

struct QueryItemTests {
    @Test func `a query's items come in order and decoded`() {
        #expect(items("") == [])
        #expect(items("a=1&b=%C3%A4&a=2=3&c&=d&") == [["a", "1"], ["b", "\u{E4}"], ["a", "2=3"], ["c", ""], ["", "d"]])
        #expect(items("a+b=c+d") == [["a+b", "c+d"]])
        #expect(QueryItem.parse(nil) == [])
    }

    @Test func `what can't be decoded is no query`() {
        for text in ["a=%", "a=%1", "%GG=1", "a=1&b=%FF", "%C3=1"] { #expect(items(text) == nil, "\(text)") }
    }

    private func items(_ text: String) -> [[String]]? { QueryItem.parse(Array(text.utf8)).map { $0.map { [$0.name, $0.value] } } }
}
