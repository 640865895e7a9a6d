import Bootstrap
import Contracts
import Encodings
import JSON
import Testing

@testable import Trust

@Suite struct SigningKeyGrantTests {
    private let days = [
        "AKIDGATEWAY": SigningDays(secret: "s", region: "us-east-1", callee: "notes", at: Timestamp(seconds: 1_800_000_000)),
        "AKIDAUDIT": SigningDays(secret: "t", region: "us-east-1", callee: "notes", at: Timestamp(seconds: 1_800_000_000)),
    ]

    /// The question as it arrives.
    private func arrived(_ grant: SigningKeyGrant) throws -> SigningKeyGrant {
        try #require(SigningKeyGrant(try JSON.parse(JSON.encode(grant.question))))
    }

    @Test func `What is sealed in answer to a question opens for who asked it, and names nine days`() throws {
        let grant = SigningKeyGrant(accessKeyID: "AKIDNOTES")
        let answer = try arrived(grant).answer(days, to: .notes, secret: "own")
        #expect(grant.open(answer, by: .notes, secret: "own") == days)
        #expect(days["AKIDAUDIT"]?.keys.keys.sorted().first == "20270114")
        #expect(days["AKIDAUDIT"]?.keys.count == 9)
    }

    @Test func `It opens for nobody else, in answer to no other question, and not when it was changed`() throws {
        let grant = SigningKeyGrant(accessKeyID: "AKIDNOTES")
        let answer = try arrived(grant).answer(days, to: .notes, secret: "own")
        #expect(grant.open(answer, by: .audit, secret: "own") == nil)
        #expect(grant.open(answer, by: .notes, secret: "other") == nil)
        #expect(SigningKeyGrant(accessKeyID: "AKIDNOTES").open(answer, by: .notes, secret: "own") == nil)
        let sealed = try #require(answer["sealed"]?.string)
        var box = try #require(Base64.decode(sealed))
        box[20] ^= 1
        #expect(grant.open(["sealed": .string(Base64.encode(box))], by: .notes, secret: "own") == nil)
        #expect(grant.open(["keys": .string("")], by: .notes, secret: "own") == nil)
    }

    @Test(arguments: [
        #"{}"#, #"{"accessKeyId":"A"}"#, #"{"accessKeyId":"A","nonce":"AAAA"}"#, #"{"accessKeyId":1,"nonce":"AAAAAAAAAAAAAAAAAAAAAA=="}"#,
    ])
    func `A question without a key or a nonce is none`(_ text: String) throws {
        #expect(SigningKeyGrant(try JSON.parse(text)) == nil)
    }

    @Test(arguments: [#"{"2027011":"AAAA"}"#, #"{"20270114":"AAAA"}"#, #"{"2027011x":""}"#, "[]"]) func `Days that are none are refused`(
        _ text: String
    ) throws {
        #expect(SigningDays(json: try JSON.parse(text)) == nil)
    }
}
