import Crypto
import Encodings
import SigV4
import Testing

@Suite struct PresigningTests {
    static let now = VerifierTests.now

    static func url(token: String? = nil, seconds: Int = 60, target: String = "/dev/notes?b=2&a=%C3%A9") -> String? {
        let credentials = Credentials(accessKeyID: "AKIDTEST", secretAccessKey: "secret", sessionToken: token)
        return Signer(credentials: credentials, region: "us-east-1", service: "execute-api")
            .presigned(method: "GET", target: target, host: "localhost:8080", date: now, seconds: seconds)
    }

    static func query(of target: String) -> String {
        target.split(separator: "?", maxSplits: 1).last.map(String.init) ?? ""
    }

    static func verify(_ target: String, method: String = "GET", host: String = "localhost:8080", now: Timestamp = now) throws(SigV4Error) {
        let claim = try SignatureClaim(query: query(of: target).utf8.span)
        let fields: FieldList = ["Host": host]
        let verifier = Verifier(window: 300)
        try verifier.admit(claim, region: VerifierTests.region, service: VerifierTests.service, now: now)
        try verifier.verify(
            claim, method: method.utf8.span, target: target.utf8.span, fields: fields, bodyHash: SHA256.hash([]),
            key: SigningKey(secret: "secret".utf8.span, scope: claim.scope))
    }

    @Test(arguments: [nil, "to/ken+="]) func `Our own presigned URLs are accepted`(_ token: String?) throws {
        let url = try #require(Self.url(token: token))
        #expect(throws: Never.self) { try Self.verify(url) }
        let claim = try SignatureClaim(query: Self.query(of: url).utf8.span)
        #expect(claim.sessionToken == token.map { Array($0.utf8) })
    }

    @Test func `A URL lives as long as it says`() throws {
        let url = try #require(Self.url())
        #expect(throws: Never.self) { try Self.verify(url, now: Self.now.adding(seconds: 60)) }
        #expect(throws: SigV4Error.self) { try Self.verify(url, now: Self.now.adding(seconds: 61)) }
        #expect(throws: SigV4Error.self) { try Self.verify(url, now: Self.now.adding(seconds: -301)) }
        #expect(Self.url(seconds: 0) == nil)
        #expect(Self.url(seconds: 604_801) == nil)
    }

    @Test func `A URL that does not say lives as long as a header, and the verifier may decide for all`() throws {
        func admit(_ query: String, urlSeconds: Int? = nil, after seconds: Int64) throws(SigV4Error) {
            let claim = try SignatureClaim(query: query.utf8.span)
            try Verifier(window: 300).admit(
                claim, region: VerifierTests.region, service: VerifierTests.service, urlSeconds: urlSeconds, now: Self.now.adding(seconds: seconds))
        }
        let url = Self.query(of: try #require(Self.url()))
        let silent = url.replacing("&X-Amz-Expires=60", with: "")
        for (query, good) in [(url, 60), (silent, 300)] as [(String, Int64)] {
            #expect(throws: Never.self) { try admit(query, after: good) }
            #expect(throws: SigV4Error.self) { try admit(query, after: good + 1) }
            #expect(throws: Never.self) { try admit(query, urlSeconds: 900, after: 900) }
            #expect(throws: SigV4Error.self) { try admit(query, urlSeconds: 900, after: 901) }
        }
        for bad in ["0", "604801", "x", ""] {
            #expect(throws: SigV4Error.self) { try admit(url.replacing("Expires=60", with: "Expires=\(bad)"), after: 0) }
        }
    }

    @Test func `Any altered part is refused`() throws {
        let url = try #require(Self.url())
        for altered in [
            url.replacing("b=2", with: "b=3"), url.replacing("X-Amz-Expires=60", with: "X-Amz-Expires=6000"), url + "&c=1",
            url.replacing("/dev/", with: "/prod/"),
        ] { #expect(throws: SigV4Error.signatureMismatch) { try Self.verify(altered) } }
        #expect(throws: SigV4Error.signatureMismatch) { try Self.verify(url, method: "DELETE") }
        #expect(throws: SigV4Error.signatureMismatch) { try Self.verify(url, host: "other") }
        #expect(throws: SigV4Error.self) { try Self.verify(url + "&X-Amz-Signature=00") }
    }

    @Test(arguments: ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Signature"])
    func `Each missing parameter is named`(_ name: String) throws {
        let url = try #require(Self.url())
        let error = #expect(throws: SigV4Error.self) { try Self.verify(url.replacing("\(name)=", with: "Y=")) }
        #expect(error == .incompleteSignature("AWS query-string parameters must include '\(name)'."))
    }

    @Test func `A query tells whether it claims a signature`() throws {
        let url = try #require(Self.url())
        for (query, expected) in [(Self.query(of: url), true), ("a=b&x-amz-signature=1", false), ("", false)] {
            let presigned = SignatureClaim.isPresigned(query: query.utf8.span)
            #expect(presigned == expected)
        }
    }

    @Test(arguments: [nil, "to/ken+="]) func `What a query says beside its signature is left as it is`(_ token: String?) throws {
        let query = Self.query(of: try #require(Self.url(token: token)))
        let cases = [
            (query, "b=2&a=%C3%A9"), ("\(query)&c&&d=", "b=2&a=%C3%A9&c&d="), ("x-amz-date=1&X-Amz-Dates=2", "x-amz-date=1&X-Amz-Dates=2"),
            ("X-Amz-Date=1", ""), ("", ""),
        ]
        for (query, expected) in cases {
            let rest = SignatureClaim.parametersBesideSignature(in: query.utf8.span)
            #expect(String(decoding: rest, as: UTF8.self) == expected)
        }
    }
}
