import Crypto
import Testing
import Trust

@Suite struct TokenCacheTests {
    func digest(_ number: Int) -> SHA256Digest { SHA256.hash(Array("\(number)".utf8)) }

    @Test func `what was put in is found until it is removed`() {
        let cache = TokenCache<Int>(capacity: 64)
        cache.insert(1, for: digest(1))
        #expect(cache.value(for: digest(1)) == 1)
        #expect(cache.value(for: digest(2)) == nil)
        cache.remove(digest(1))
        #expect(cache.value(for: digest(1)) == nil)
    }

    @Test func `a flood stays within the bound, and what is asked for stays in`() {
        let cache = TokenCache<Int>(capacity: 1_000)
        cache.insert(-1, for: digest(-1))
        for number in 0..<20_000 {
            cache.insert(number, for: digest(number))
            #expect(cache.value(for: digest(-1)) == -1)
        }
        #expect(cache.count <= 1_000)
    }

    @Test func `many threads may use it at once`() async {
        let cache = TokenCache<Int>(capacity: 256)
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<4 {
                group.addTask {
                    for number in 0..<2_000 {
                        cache.insert(number, for: self.digest(number))
                        if let found = cache.value(for: self.digest(number ^ task)) { #expect(found == number ^ task) }
                    }
                }
            }
        }
        #expect(cache.count <= 256)
    }
}
