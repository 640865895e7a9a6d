import Encodings
import FuzzSupport
import JSON
import Tokens

/// The input is a token, and also a header, a line feed, and claims that a token is made of. Only the canonical text of bytes is decoded; a token that is
/// taken apart has three canonical parts and says what its header says, which is nothing that changes how it is read.
private func check(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe fuzzInput(start, count)
    guard Base64URL.decode(Base64URL.encode(bytes)) == bytes, Base64.decode(Base64.encode(bytes)) == bytes else {
        fatalError("not the same when decoded: \(bytes)")
    }
    if let decoded = Base64URL.decode(bytes.span), !Base64URL.encode(decoded).utf8.elementsEqual(bytes) { fatalError("not canonical: \(bytes)") }
    if let decoded = Base64.decode(bytes.span), !Base64.encode(decoded).utf8.elementsEqual(bytes) { fatalError("not canonical: \(bytes)") }
    take(bytes)
    let end = bytes.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
    let (header, claims) = (Array(bytes[..<end]), Array(bytes[end...].dropFirst()))
    take(Array("\(Base64URL.encode(header)).\(Base64URL.encode(claims)).c2ln".utf8))
    return 0
}

private func take(_ token: [UInt8]) {
    guard let taken = try? JWS(parsing: token.span) else { return }
    let parts = token.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map { Base64URL.decode(Array($0).span) }
    guard parts.count == 3, let header = parts[0], let claims = parts[1], parts[2] != nil else { fatalError("not three parts: \(token)") }
    guard let object = try? JSON.parse(header).object else { fatalError("no header: \(token)") }
    guard object["alg"]?.string == taken.header.algorithm.rawValue, object["kid"]?.string == taken.header.keyID,
        object["typ"]?.string == taken.header.type
    else { fatalError("another header: \(token)") }
    for name in ["crit", "b64", "zip", "enc", "jwk", "jku", "x5u", "x5c"] where object[name] != nil { fatalError("a forbidden header: \(token)") }
    // A search, no parser: all that is promised of it is that it stays within the claims.
    if let issuer = taken.claimedIssuer {
        precondition(issuer.isEmpty || String(decoding: claims, as: UTF8.self).contains(String(decoding: issuer, as: UTF8.self)))
    }
}

@_cdecl("FuzzTokens_main")
public func fuzzMain(_ argc: CInt, _ argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt { unsafe runFuzzer(argc, argv, check) }
