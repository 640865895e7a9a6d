import Contracts
import Foundation
import Testing

@Suite struct CanonicalTargetTests {
    struct Vectors: Decodable {
        let canonical: [[String]]
        let refused: [[String]]

        static let shared: Vectors = {
            let file = URL(filePath: #filePath).appending(path: "../../../Vectors/canonical-targets.json").standardized
            return try! JSONDecoder().decode(Vectors.self, from: Data(contentsOf: file))
        }()
    }

    static let host = Array("strongroom.test".utf8)

    func canonical(_ target: [UInt8]) throws -> CanonicalTarget {
        try CanonicalTarget(target.span, host: Self.host.span)
    }

    @Test("what has one meaning has one spelling", arguments: Vectors.shared.canonical)
    func canonicalised(_ vector: [String]) throws {
        let target = try canonical(Array(vector[0].utf8))
        #expect(String(decoding: target.bytes, as: UTF8.self) == vector[1])
        let again = try canonical(target.bytes)
        #expect(again == target)
    }

    @Test("what has no single meaning is refused", arguments: Vectors.shared.refused)
    func refused(_ vector: [String]) {
        let error = #expect(throws: CanonicalTargetError.self) { try canonical(Array(vector[0].utf8)) }
        #expect(error.map { "\($0)" } == vector[1])
    }

    @Test func `path and query are told apart`() throws {
        let target = try canonical(Array("/notes/%31?limit=5".utf8))
        #expect(target.path == "/notes/1")
        #expect(target.query == "limit=5")
        #expect(try canonical(Array("/notes".utf8)).query == nil)
    }

    @Test func `a target longer than the limit is refused before it is read`() {
        let long = Array("/".utf8) + Array(repeating: UInt8(ascii: "a"), count: CanonicalTarget.maximumLength)
        #expect(throws: CanonicalTargetError.tooLong) { try canonical(long) }
    }

    @Test func `appending leaves what stood before it alone`() throws {
        var output = Array("kept".utf8)
        let pathCount = try CanonicalTarget.append(Array("/%61?b".utf8).span, host: Self.host.span, to: &output)
        #expect(String(decoding: output, as: UTF8.self) == "kept/a?b")
        #expect(pathCount == 2)
    }

    @Test func `whatever is accepted is its own canonical form, decodes to what came, and names no other directory`() throws {
        var random = SystemRandomNumberGenerator()
        let pieces = ["/", ".", "%2e", "%", "2", "5", "f", "e", "a", ";", "?", "%c3%a9", "%41", "%25", "\\", "#", "|", "é", "//", "=", "&", "+"]
        for _ in 0..<20_000 {
            let text = "/" + (0..<Int.random(in: 0..<8, using: &random)).map { _ in pieces.randomElement(using: &random)! }.joined()
            guard let target = try? canonical(Array(text.utf8)) else { continue }
            #expect(try canonical(target.bytes) == target)
            let path = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)[0]
            #expect(target.path.removingPercentEncoding == String(path).removingPercentEncoding)
            let decoded = target.path.removingPercentEncoding!.split(separator: "/", omittingEmptySubsequences: false)
            #expect(!decoded.contains(".") && !decoded.contains("..") && !decoded.dropFirst().dropLast().contains(""))
        }
    }
}
