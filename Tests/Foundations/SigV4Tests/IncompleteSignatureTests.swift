import Crypto
import Encodings
import SigV4
import Testing

@Suite struct IncompleteSignatureTests {
    static func message(_ authorization: String, dated: Bool = true) -> String? {
        var fields: FieldList = ["host": "h"]
        if dated { fields.append("X-Amz-Date", "20261121T105000Z") }
        do throws(SigV4Error) {
            _ = try SignatureClaim(authorization: authorization.utf8.span, fields: fields)
            return nil
        } catch {
            #expect(error.exceptionName == "IncompleteSignatureException")
            return error.message
        }
    }

    static func hash(_ text: String) -> String { Base64.encode(SHA256.hash(Array(text.utf8)).bytes) }

    @Test(arguments: ["Bearer abc", "abc", "Bearer a.b.c, d", "AWS4-HMAC-SHA256 Credential", ""])
    func `What has no equal-sign is told so, by hash`(_ text: String) {
        let expected =
            text.isEmpty
            ? "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. (Hashed with SHA-256 and encoded with Base64) Authorization=\(Self.hash(""))"
            : "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '\(Self.hash(text))'."
        #expect(Self.message(text) == expected)
    }

    @Test func `Only the missing parts are named, in the real service's order`() {
        let all = "AWS4-HMAC-SHA256 a=b"
        #expect(
            Self.message(all, dated: false)
                == "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. (Hashed with SHA-256 and encoded with Base64) Authorization=\(Self.hash(all))"
        )
        let one = "AWS4-HMAC-SHA256 Credential=a/20261121/r/s/aws4_request, SignedHeaders=host"
        #expect(
            Self.message(one)
                == "Authorization header requires 'Signature' parameter. (Hashed with SHA-256 and encoded with Base64) Authorization=\(Self.hash(one))"
        )
    }

    @Test(arguments: [
        "AWS4-HMAC-SHA512 Credential=a/20261121/r/s/aws4_request, SignedHeaders=host, Signature=00",
        "AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host, Signature=00",
        "AWS4-HMAC-SHA256 Credential=/20261121/r/s/aws4_request, SignedHeaders=host, Signature=00",
        "AWS4-HMAC-SHA256 Credential=a/20261121/r/s/aws4_request/x, SignedHeaders=host, Signature=00",
        "AWS4-HMAC-SHA256 Credential=a/20261121/r/s/aws4_request, Credential=b/20261121/r/s/aws4_request, SignedHeaders=host, Signature=00",
    ])
    func `Other malformed claims are incomplete too`(_ text: String) {
        #expect(Self.message(text) != nil)
    }

    @Test func `No answer repeats a credential`() {
        for text in ["Bearer hunter2secret", "AWS4-HMAC-SHA256 Credential=hunter2secret", "hunter2secret Credential=hunter2secret"] {
            #expect(Self.message(text)?.contains("hunter2secret") == false)
        }
    }
}
