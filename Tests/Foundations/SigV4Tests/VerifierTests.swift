import Crypto
import Encodings
import SigV4
import Testing

@Suite struct VerifierTests {
    static let now = Timestamp.parse(amzDate: "20261121T105000Z") ?? .epoch
    static let credentials = Credentials(accessKeyID: "AKIDTEST", secretAccessKey: "secret")
    static let region = Array("us-east-1".utf8)
    static let service = Array("execute-api".utf8)

    /// A request signed well, to be altered.
    struct Request {
        var method = "POST"
        var target = "/dev/notes?limit=2"
        var host = "localhost:8080"
        var date = now
        var body = Array("{}".utf8)
        var extra: [(String, String)] = []
        var signed: [String]?
        var authorization: String?

        func fields() -> FieldList {
            var fields: FieldList = ["Host": host, "X-Amz-Date": date.amzDate(), "Content-Type": "application/json"]
            for (name, value) in extra { fields.append(name, value) }
            return fields
        }

        mutating func sign(with signer: Signer) throws {
            let names = signed.map { Array($0.joined(separator: ";").utf8) } ?? Signer.signedHeaders(of: fields())
            let value = signer.authorization(
                method: method.utf8.span, target: target.utf8.span, fields: fields(), signedHeaders: names.span,
                payloadHash: Hex.encode(SHA256.hash(body).bytes).utf8.span, date: date)
            authorization = String(decoding: try #require(value), as: UTF8.self)
        }

        func verify(
            secret: String = "secret", now: Timestamp = VerifierTests.now, window: Int = 300, normalisesQueries: Bool = false
        ) throws(SigV4Error) {
            let claim = try SignatureClaim(authorization: (authorization ?? "").utf8.span, fields: fields())
            let verifier = Verifier(window: window, normalisesQueries: normalisesQueries)
            try verifier.admit(claim, region: VerifierTests.region, service: VerifierTests.service, now: now)
            try verifier.verify(
                claim, method: method.utf8.span, target: target.utf8.span, fields: fields(), bodyHash: SHA256.hash(body),
                key: SigningKey(secret: secret.utf8.span, scope: claim.scope))
        }
    }

    static func signed(_ change: (inout Request) -> Void = { _ in }) throws -> Request {
        var request = Request()
        change(&request)
        try request.sign(with: Signer(credentials: credentials, region: "us-east-1", service: "execute-api"))
        return request
    }

    @Test func `A request signed by our signer is accepted`() throws {
        #expect(throws: Never.self) { try Self.signed().verify() }
    }

    /// What is signed is AWS's own form; what is sent may be another spelling of it.
    @Test func `A query that is signed as AWS writes it holds however it is sent, and no other query does`() throws {
        var request = try Self.signed { $0.target = "/dev/notes?at=00%3A00%2B01&path=%2Fa%2F&to=1%26b%3D2" }
        for sent in ["at=00:00%2B01&path=/a/&to=1%26b%3D2", "to=1%26b=2&at=00%3a00%2b01&path=/%61%2f"] {
            request.target = "/dev/notes?\(sent)"
            #expect(throws: Never.self) { try request.verify(normalisesQueries: true) }
            #expect(throws: SigV4Error.signatureMismatch) { try request.verify() }
        }
        for other in [
            "at=00:00+01&path=/a/&to=1%26b%3D2", "at=00:00%2B01&path=/a/&to=1&b=2", "at=00:00%2B01&path=/a/&to=1%26b%3D2&", "at=00:00%2B01&path=/a/",
            "at=00:00%2B01&path=/A/&to=1%26b%3D2", "at=00:00%252B01&path=/a/&to=1%26b%3D2", "at=00:00%2B01&path=/a/&to=1%26b%3D2&X-Amz-Signature=0",
            "%61t=00:00%2B01&path=/a/&to=1%26b%3D2",
        ] {
            request.target = "/dev/notes?\(other)"
            #expect(throws: SigV4Error.signatureMismatch, "\(other)") { try request.verify(normalisesQueries: true) }
        }
    }

    @Test(arguments: [
        "GET", "body", "path", "query", "host", "type", "secret", "date", "signature", "case",
    ]) func `Any altered part is refused`(_ part: String) throws {
        var request = try Self.signed { $0.extra = [("X-Custom", "1")] }
        var secret = "secret"
        switch part {
        case "GET": request.method = "GET"
        case "body": request.body = Array("{ }".utf8)
        case "path": request.target = "/dev/note?limit=2"
        case "query": request.target = "/dev/notes?limit=3"
        case "host": request.host = "localhost:8081"
        case "type": request.extra = [("X-Custom", "2")]
        case "secret": secret = "Secret"
        case "date": request.date = request.date.adding(seconds: 1)
        case "signature": request.authorization = request.authorization.map { $0.dropLast() + ($0.hasSuffix("0") ? "1" : "0") }
        default: request.authorization = request.authorization?.replacing("Signature=", with: "Signature=\u{41}")
        }
        #expect(throws: SigV4Error.signatureMismatch) { try request.verify(secret: secret) }
    }

    @Test func `A repeated field can't be slipped in`() throws {
        var request = try Self.signed()
        request.extra = [("Content-Type", "text/plain")]
        #expect(throws: SigV4Error.signatureMismatch) { try request.verify() }
    }

    @Test func `An unsigned x-amz header is refused`() throws {
        var request = try Self.signed()
        request.extra = [("X-Amz-Target", "AWSCognitoIdentityProviderService.AdminDeleteUser")]
        #expect(throws: SigV4Error.invalidClaim("There were headers present in the request which were not signed")) { try request.verify() }
    }

    @Test func `Host and date must be signed`() throws {
        #expect(throws: SigV4Error.invalidClaim("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")) {
            try Self.signed { $0.signed = ["content-type", "x-amz-date"] }.verify()
        }
        #expect(throws: SigV4Error.invalidClaim("'X-Amz-Date' or 'Date' must be a 'SignedHeader' in the AWS Authorization.")) {
            try Self.signed { $0.signed = ["content-type", "host"] }.verify()
        }
    }

    @Test(arguments: ["UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", EmptyPayload.hash])
    func `A body must be announced by its own hash or not at all`(_ announced: String) throws {
        #expect(throws: SigV4Error.signatureMismatch) { try Self.signed { $0.extra = [("X-Amz-Content-Sha256", announced)] }.verify() }
        let hash = Hex.encode(SHA256.hash(Array("{}".utf8)).bytes)
        #expect(throws: Never.self) { try Self.signed { $0.extra = [("X-Amz-Content-Sha256", hash)] }.verify() }
    }

    @Test func `The window has two edges and the real service's words`() throws {
        let request = try Self.signed()
        for seconds in [-300, 0, 300] { #expect(throws: Never.self) { try request.verify(now: Self.now.adding(seconds: Int64(seconds))) } }
        let stale = try Self.signed { $0.date = Self.now.adding(seconds: -1200) }
        let error = #expect(throws: SigV4Error.self) { try stale.verify() }
        #expect(error?.message == "Signature expired: 20261121T103000Z is now earlier than 20261121T104500Z (20261121T105000Z - 5 min.)")
        let early = #expect(throws: SigV4Error.self) { try request.verify(now: Self.now.adding(seconds: -301)) }
        #expect(early?.message == "Signature not yet current: 20261121T105000Z is still later than 20261121T104959Z (20261121T104459Z + 5 min.)")
    }

    @Test func `Another region, service, day or terminator is refused`() throws {
        var request = Request()
        try request.sign(with: Signer(credentials: Self.credentials, region: "eu-west-1", service: "execute-api"))
        #expect(throws: SigV4Error.invalidClaim("Credential should be scoped to a valid region. ")) { try request.verify() }
        try request.sign(with: Signer(credentials: Self.credentials, region: "us-east-1", service: "s3"))
        #expect(throws: SigV4Error.invalidClaim("Credential should be scoped to correct service: 'execute-api'. ")) { try request.verify() }
        var day = try Self.signed()
        day.authorization = day.authorization?.replacing("/20261121/", with: "/20261120/")
        #expect(throws: SigV4Error.self) { try day.verify() }
        var end = try Self.signed()
        end.authorization = end.authorization?.replacing("aws4_request", with: "aws5_request")
        #expect(throws: SigV4Error.self) { try end.verify() }
    }

    @Test(arguments: ["host;content-type;x-amz-date", "host;host;x-amz-date", "Host;x-amz-date", "host;;x-amz-date", "host;x-amz-date;", "", ";host"])
    func `Signed headers stand in order, once, in lower case`(_ list: String) throws {
        var request = try Self.signed()
        request.authorization = request.authorization?.replacing("content-type;host;x-amz-date", with: list)
        #expect(throws: SigV4Error.signatureMismatch) { try request.verify() }
    }

    @Test func `A Date header serves where there is no X-Amz-Date`() throws {
        let fields: FieldList = ["host": "h", "date": Self.now.httpDate()]
        let signer = Signer(credentials: Self.credentials, region: "us-east-1", service: "execute-api")
        let made = signer.authorization(
            method: "GET".utf8.span, target: "/".utf8.span, fields: fields, signedHeaders: "date;host".utf8.span,
            payloadHash: EmptyPayload.hash.utf8.span, date: Self.now)
        let value = try #require(made)
        let claim = try SignatureClaim(authorization: value.span, fields: fields)
        #expect(claim.date == Self.now)
        #expect(throws: Never.self) {
            try Verifier(window: 300).verify(
                claim, method: "GET".utf8.span, target: "/".utf8.span, fields: fields, bodyHash: SHA256.hash([]),
                key: SigningKey(secret: "secret".utf8.span, scope: claim.scope))
        }
    }
}
