internal import Bytes
import Crypto
import Encodings
import FuzzSupport
import SigV4

/// The input is an `Authorization` value, a line feed, and a target. Nothing may trap; nothing unsigned may be accepted; what our signer signs for that
/// target, our verifier accepts, and not for another method.
private func check(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe fuzzInput(start, count)
    let end = bytes.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
    let authorization = Array(bytes[..<end])
    let target = Array(bytes[end...].dropFirst())
    let date = Timestamp(seconds: 1_800_000_000)
    let fields: FieldList = ["Host": "h", "X-Amz-Date": date.amzDate()]
    if let claim = try? SignatureClaim(authorization: authorization.span, fields: fields), accepts(claim, target, fields) {
        fatalError("accepted: \(bytes)")
    }
    let query = Array(target.drop { $0 != UInt8(ascii: "?") }.dropFirst())
    _ = SignatureClaim.isPresigned(query: query.span)
    if let claim = try? SignatureClaim(query: query.span), accepts(claim, target, fields) { fatalError("accepted: \(bytes)") }
    signAndVerify(target, fields, date)
    return 0
}

private func signAndVerify(_ target: [UInt8], _ fields: FieldList, _ date: Timestamp) {
    let signer = Signer(credentials: Credentials(accessKeyID: "A", secretAccessKey: "s"), region: "r", service: "s")
    let signed = signer.authorization(
        method: "GET".utf8.span, target: target.span, fields: fields, signedHeaders: "host;x-amz-date".utf8.span,
        payloadHash: EmptyPayload.hash.utf8.span, date: date)
    guard let signed, let claim = try? SignatureClaim(authorization: signed.span, fields: fields) else { fatalError("not signed: \(target)") }
    guard accepts(claim, target, fields, secret: "s") else { fatalError("not accepted: \(target)") }
    guard !accepts(claim, target, fields, secret: "s", method: "POST") else { fatalError("accepted for another method: \(target)") }
}

private func accepts(_ claim: SignatureClaim, _ target: [UInt8], _ fields: FieldList, secret: String = "unknown", method: String = "GET") -> Bool {
    let verifier = Verifier(window: 300)
    do throws(SigV4Error) {
        try verifier.verify(
            claim, method: method.utf8.span, target: target.span, fields: fields, bodyHash: SHA256.hash([]),
            key: SigningKey(secret: secret.utf8.span, scope: claim.scope))
        return true
    } catch {
        return false
    }
}

@_cdecl("FuzzSigV4_main")
public func fuzzMain(_ argc: CInt, _ argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt { unsafe runFuzzer(argc, argv, check) }
