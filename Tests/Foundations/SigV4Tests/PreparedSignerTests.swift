import Encodings
import SigV4
import Testing

@Suite struct PreparedSignerTests {
    @Test(
        "what is laid out beforehand is signed as the general signer signs it",
        arguments: [
            ("GET", "/notes"), ("POST", "/"), ("GET", "/notes?limit=5&nextToken=a%2Fb"), ("PUT", "/caf%C3%A9/a%20b"), ("GET", "/notes/?b&a=1&a=0"),
        ])
    func sameSignature(method: String, target: String) throws {
        let credentials = Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "secret")
        let date = Timestamp(seconds: 1_790_000_000)
        let fields: FieldList = ["host": "notes", "x-amz-date": date.amzDate(), "x-strongroom-identity": "a.b.c"]
        let names = Array("host;x-amz-date;x-strongroom-identity".utf8)
        let lines = Array("host:notes\nx-amz-date:\(date.amzDate())\nx-strongroom-identity:a.b.c\n".utf8)
        let hash = Array(EmptyPayload.hash.utf8)
        let general = Signer(credentials: credentials, region: "us-east-1", service: "notes").authorization(
            method: Array(method.utf8).span, target: Array(target.utf8).span, fields: fields, signedHeaders: names.span, payloadHash: hash.span,
            date: date)
        var prepared: [UInt8] = []
        PreparedSigner.beginRequest(method: Array(method.utf8).span, target: Array(target.utf8).span, in: &prepared)
        prepared += lines
        let signer = PreparedSigner(credentials: credentials, region: "us-east-1", service: "notes")
        signer.sign(
            &prepared, signedHeaders: names.span, payloadHash: hash.span, date: date, amzDate: Array(date.amzDate().utf8).span)
        #expect(try String(decoding: #require(general), as: UTF8.self) == String(decoding: prepared, as: UTF8.self))
    }

    @Test func `a new day has a new key`() {
        let signer = PreparedSigner(
            credentials: Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "secret"), region: "us-east-1", service: "notes")
        func sign(_ date: Timestamp) -> String {
            var text: [UInt8] = []
            PreparedSigner.beginRequest(method: Array("GET".utf8).span, target: Array("/".utf8).span, in: &text)
            text += Array("host:x\n".utf8)
            signer.sign(
                &text, signedHeaders: Array("host".utf8).span, payloadHash: Array(EmptyPayload.hash.utf8).span, date: date,
                amzDate: Array(date.amzDate().utf8).span)
            return String(decoding: text, as: UTF8.self)
        }
        let evening = Timestamp(seconds: 1_790_035_199)
        let morning = Timestamp(seconds: 1_790_035_200)
        #expect(sign(evening).contains(evening.dateStamp()))
        #expect(sign(morning).contains(morning.dateStamp()))
        #expect(evening.dateStamp() != morning.dateStamp())
        #expect(sign(evening) == sign(evening))
    }
}
