import Crypto
import Encodings
import SigV4
import Testing

@Suite struct SuiteTests {
    static let date = Timestamp.parse(amzDate: "20150830T123600Z") ?? .epoch
    static let credentials = Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    static let scope = CredentialScope(date: date, region: "us-east-1", service: "service")
    static let key = SigningKey(secret: credentials.secretAccessKey.utf8.span, scope: scope)

    @Test func `There are vectors`() {
        #expect(SuiteVector.all.count == 34)
    }

    @Test(arguments: SuiteVector.all) func `The canonical request and the string to sign are the suite's`(_ vector: SuiteVector) throws {
        let message = vector.message
        let fields = vector.fieldsToSign
        let signed = String(decoding: Signer.signedHeaders(of: fields), as: UTF8.self)
        let made = CanonicalRequest(
            method: message.method.utf8.span, target: message.target.utf8.span, fields: fields, signedHeaders: signed.utf8.span,
            payloadHash: Hex.encode(SHA256.hash(Array(message.body.utf8)).bytes).utf8.span)
        let request = try #require(made)
        #expect(String(decoding: request.bytes, as: UTF8.self) == vector.canonicalRequest)
        let string = StringToSign(date: Self.date, scope: Self.scope, requestHash: request.hash)
        #expect(String(decoding: string.bytes, as: UTF8.self) == vector.stringToSign)
    }

    @Test(arguments: SuiteVector.all) func `The signer gives the suite's header`(_ vector: SuiteVector) throws {
        let message = vector.message
        let fields = vector.fieldsToSign
        let signer = Signer(credentials: Self.credentials, region: "us-east-1", service: "service")
        let header = signer.authorization(
            method: message.method.utf8.span, target: message.target.utf8.span, fields: fields,
            signedHeaders: Signer.signedHeaders(of: fields).span,
            payloadHash: Hex.encode(SHA256.hash(Array(message.body.utf8)).bytes).utf8.span, date: Self.date)
        #expect(String(decoding: try #require(header), as: UTF8.self) == vector.authorization)
    }

    @Test(arguments: SuiteVector.all) func `The verifier accepts the suite's signed requests, unless their token is unsigned`(_ vector: SuiteVector)
        throws
    {
        let message = vector.signedMessage
        // Not the signed request's own header: in one case it holds a made-up signature.
        let authorization = vector.authorization
        let verifier = Verifier(window: 300)
        do throws(SigV4Error) {
            let claim = try SignatureClaim(authorization: authorization.utf8.span, fields: message.fields)
            try verifier.admit(claim, region: Array("us-east-1".utf8), service: Array("service".utf8), now: Self.date.adding(seconds: 10))
            try verifier.verify(
                claim, method: message.method.utf8.span, target: message.target.utf8.span, fields: message.fields,
                bodyHash: SHA256.hash(Array(message.body.utf8)), key: Self.key)
            #expect(!vector.name.hasSuffix("post-sts-header-after"))
        } catch {
            #expect(vector.name.hasSuffix("post-sts-header-after"), "\(error)")
        }
    }
}
