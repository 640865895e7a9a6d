import Crypto
import Encodings
import Foundation
import SigV4
import Testing

/// A request that botocore signed, as it goes on the wire (Tests/Vectors/SigV4/make-botocore-vectors.py).
struct ForeignVector: Decodable, Sendable, CustomTestStringConvertible {
    var form: String
    var method: String
    var target: String
    var body: String
    var headers: [[String]]

    var testDescription: String { "\(form) \(method) \(target.prefix(60))" }

    struct Document: Decodable {
        var date: String
        var cases: [ForeignVector]
    }

    static let document: Document = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../Vectors/SigV4/botocore-signed.json")
        do {
            return try JSONDecoder().decode(Document.self, from: Data(contentsOf: file))
        } catch {
            Issue.record("\(file.path): \(error)")
            return Document(date: "", cases: [])
        }
    }()

    func verify(body: String? = nil) throws(SigV4Error) {
        var fields = FieldList()
        for header in headers { fields.append(header[0], header[1]) }
        let now = Timestamp.parse(amzDate: ForeignVector.document.date) ?? .epoch
        let query = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).dropFirst().first.map(String.init) ?? ""
        let authorization = headers.first { $0[0] == "Authorization" }?[1]
        let claim =
            if let authorization { try SignatureClaim(authorization: authorization.utf8.span, fields: fields) } else {
                try SignatureClaim(query: query.utf8.span)
            }
        let verifier = Verifier(window: 300)
        try verifier.admit(claim, region: Array("us-east-1".utf8), service: Array("execute-api".utf8), now: now)
        try verifier.verify(
            claim, method: method.utf8.span, target: target.utf8.span, fields: fields, bodyHash: SHA256.hash(Array((body ?? self.body).utf8)),
            key: SigningKey(secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".utf8.span, scope: claim.scope))
    }
}

@Suite struct ForeignSignerTests {
    @Test func `There are vectors`() {
        #expect(ForeignVector.document.cases.count == 84)
    }

    @Test(arguments: ForeignVector.document.cases) func `What botocore signs is accepted, and not with another body`(_ vector: ForeignVector) {
        #expect(throws: Never.self) { try vector.verify() }
        #expect(throws: SigV4Error.signatureMismatch) { try vector.verify(body: vector.body + "x") }
    }
}
