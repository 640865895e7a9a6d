@testable import Bootstrap
import Contracts
import Crypto
import Encodings
import HTTP
import SigV4
import Testing
import Tokens

@testable import Trust

@Suite struct InternalVerifierTests {
    let bench: CallBench

    init() throws { bench = try CallBench() }

    @Test func `A signed call arrives with its caller and identity`() throws {
        let context = try bench.arrive(bench.call(), rule: .forwarded)
        #expect(context.caller == .gateway)
        #expect(context.identity?.subject == "u")
        #expect(context.source == "192.0.2.1")
        #expect(context.requestID == UUID.v4(random: (1, 2)))
    }

    @Test func `While keys rotate, calls and identities hold with the old keys and the new ones; then with the new only`() throws {
        let (old, new) = (bench, try CallBench(named: "2"))
        #expect(throws: InternalCallError.signature(.unknownAccessKey)) { try old.arrive(new.call(), rule: .forwarded) }
        let both = Keyring(
            cluster: "us-east-1", account: "000000000000", callers: old.keyring.callers + new.keyring.callers,
            identityKeys: old.keyring.identityKeys + new.keyring.identityKeys, eventKeys: [])
        try bench.verifier.prepare(both)()
        for signer in [old, new] { #expect(try old.arrive(signer.call(), rule: .forwarded).identity?.subject == "u") }

        try bench.verifier.prepare(new.keyring)()
        #expect(try old.arrive(new.call(), rule: .forwarded).caller == .gateway)
        #expect(throws: InternalCallError.signature(.unknownAccessKey)) { try old.arrive(old.call(), rule: .forwarded) }
        // The call is signed with the new key, its identity with the old one.
        let torn = Keyring(
            cluster: "us-east-1", account: "000000000000", callers: old.keyring.callers, identityKeys: new.keyring.identityKeys, eventKeys: [])
        try bench.verifier.prepare(torn)()
        #expect(throws: InternalCallError.identity(.unknownKey)) { try old.arrive(old.call(), rule: .forwarded) }
    }

    @Test func `Keys that are derived for a day verify that day's calls; what the authorizer hands out adds days, and no caller`() throws {
        func days(_ secret: String, _ now: Timestamp) -> SigningDays {
            SigningDays(secret: secret, region: "us-east-1", callee: "notes", at: now)
        }
        let today = bench.clock.now
        let key = Keyring.CallerKey(caller: .audit, accessKeyID: "AKIDAUDIT1", material: .days(days("secret-audit-1", today)))
        try bench.verifier.prepare(Keyring(cluster: "us-east-1", account: "000000000000", callers: [key], identityKeys: [], eventKeys: []))()
        #expect(bench.verifier.covers(today))
        #expect(try bench.arrive(bench.call(from: .audit, identity: nil)).caller == .audit)

        bench.clock.advance(milliseconds: 8 * 86_400_000)
        #expect(!bench.verifier.covers(bench.clock.now))
        #expect(throws: InternalCallError.noSigningKey) { try bench.arrive(bench.call(from: .audit, identity: nil)) }
        bench.verifier.learn(["AKIDAUDIT1": days("secret-audit-1", bench.clock.now), "AKIDGATEWAY1": days("secret-gateway-1", bench.clock.now)])
        #expect(bench.verifier.covers(bench.clock.now))
        #expect(try bench.arrive(bench.call(from: .audit, identity: nil)).caller == .audit)
        #expect(throws: InternalCallError.signature(.unknownAccessKey)) { try bench.arrive(bench.call(from: .gateway, identity: nil)) }
        // Another service's keys are no use here.
        bench.verifier.learn(["AKIDAUDIT1": SigningDays(secret: "secret-audit-1", region: "us-east-1", callee: "identity", at: bench.clock.now)])
        try bench.verifier.prepare(Keyring(cluster: "us-east-1", account: "000000000000", callers: [key], identityKeys: [], eventKeys: []))()
        #expect(throws: InternalCallError.signature(.signatureMismatch)) { try bench.arrive(bench.call(from: .audit, identity: nil)) }
    }

    @Test func `The key of a service's own tools stays, whatever keyring comes`() throws {
        let tool = ToolKey(accessKeyID: "AKIDNOTES1", secret: "secret-notes-1")
        let verifier = try InternalVerifier(
            service: .notes, cluster: CallBench.cluster, keyring: bench.keyring, tools: tool, clock: bench.clock.wall)
        try verifier.prepare(Keyring(cluster: "us-east-1", account: "000000000000", callers: [], identityKeys: [], eventKeys: []))()
        let call = bench.call(from: .notes, identity: nil)
        #expect(try verifier.verify(try call.head(), rule: CallRule([.notes], identity: .forbidden)).context.caller == .notes)
    }

    @Test func `A call without an identity has the caller's request id, or its own`() throws {
        let id = UUID.v4(random: (3, 4))
        let call = bench.call(from: .audit, identity: nil) { $0.headers.add("x-strongroom-request-id", id.description) }
        #expect(try bench.arrive(call).requestID == id)
        #expect(try bench.arrive(bench.call(from: .audit, identity: nil)).requestID.time != nil)
    }

    @Test func `An unsigned call is refused`() throws {
        #expect(throws: InternalCallError.signature(.missingAuthenticationToken)) { try bench.arrive(CallBench.Call()) }
    }

    @Test func `A wrong body is refused`() throws {
        var call = bench.call()
        call.body = Array("[]".utf8)
        #expect(throws: InternalCallError.bodyMismatch) { try bench.arrive(call) }
        call.replace("x-amz-content-sha256", Hex.encode(SHA256.hash(call.body).bytes))
        #expect(throws: InternalCallError.signature(.signatureMismatch)) { try bench.arrive(call) }
    }

    @Test(arguments: ["UNSIGNED-PAYLOAD", ""]) func `A body must be announced by its hash`(_ announced: String) throws {
        var call = bench.call()
        call.replace("x-amz-content-sha256", announced)
        #expect(throws: InternalCallError.self) { try bench.arrive(call) }
        call.headers.remove("x-amz-content-sha256")
        #expect(throws: InternalCallError.self) { try bench.arrive(call) }
    }

    @Test(arguments: ["method", "path", "query", "host", "content-type", "call id", "date", "identity"])
    func `Whatever else is altered is refused`(_ part: String) throws {
        var call = bench.call()
        switch part {
        case "method": call.method = .put
        case "path": call.target = "/note?limit=1"
        case "query": call.target = "/notes?limit=2"
        case "host": call.replace(.host, "audit:8084")
        case "content-type": call.replace(.contentType, "text/plain")
        case "call id": call.replace("x-strongroom-call-id", UUID.v7(at: bench.clock.now, random: (5, 6)).description)
        case "date": call.replace("x-amz-date", bench.clock.now.adding(seconds: 1).amzDate())
        default: call.replace("x-strongroom-identity", "a.b.c")
        }
        #expect(throws: InternalCallError.signature(.signatureMismatch)) { try bench.arrive(call) }
    }

    @Test func `A repeated call is refused, however often and however late`() throws {
        let call = bench.call()
        try bench.arrive(call)
        #expect(throws: InternalCallError.repeated) { try bench.arrive(call) }
        bench.clock.advance(milliseconds: 59_000)
        #expect(throws: InternalCallError.repeated) { try bench.arrive(call) }
        bench.clock.advance(milliseconds: 600)
        #expect(throws: InternalCallError.repeated) { try bench.arrive(call) }
        bench.clock.advance(milliseconds: 2_000)
        #expect(throws: InternalCallError.self) { try bench.arrive(call) }
    }

    @Test func `A call from a clock that is ahead can't be repeated either, as long as it holds`() throws {
        bench.clock.advance(milliseconds: 60_000)
        let call = bench.call(identity: nil)
        bench.clock.advance(milliseconds: -60_000)
        try bench.arrive(call)
        bench.clock.advance(milliseconds: 120_000)
        #expect(throws: InternalCallError.repeated) { try bench.arrive(call) }
    }

    @Test func `Two equal calls at one moment both arrive`() throws {
        try bench.arrive(bench.call())
        try bench.arrive(bench.call())
    }

    @Test func `A stale date is refused, and one from the future`() throws {
        bench.clock.advance(milliseconds: 200_000)
        let call = bench.call()
        bench.clock.advance(milliseconds: 61_000)
        let stale = #expect(throws: InternalCallError.self) { try bench.arrive(call) }
        guard case .signature(.expired) = stale else { return #expect(Bool(false), "\(String(describing: stale))") }
        bench.clock.advance(milliseconds: -122_000)
        let early = #expect(throws: InternalCallError.self) { try bench.arrive(call) }
        guard case .signature(.notYetCurrent) = early else { return #expect(Bool(false), "\(String(describing: early))") }
    }

    @Test func `A call made before the callee started is refused, in the same second too`() throws {
        bench.clock.advance(milliseconds: -100)
        let call = bench.call()
        bench.clock.advance(milliseconds: 200)
        #expect(throws: InternalCallError.beforeStart) { try bench.arrive(call) }
        try bench.arrive(bench.call())
    }

    @Test(arguments: ["x-strongroom-identity", "x-strongroom-request-id", "content-type", "traceparent"])
    func `An unsigned header is refused`(_ name: String) throws {
        var call = bench.call(identity: nil) { $0.headers.remove(.contentType) }
        let value = name == "x-strongroom-identity" ? bench.call().headers["x-strongroom-identity"] ?? "" : "x"
        call.headers.add(try #require(HeaderName(name)), value)
        #expect(throws: InternalCallError.unsignedHeader(name)) { try bench.arrive(call) }
    }

    @Test func `An unsigned x-amz header is refused`() throws {
        var call = bench.call()
        call.headers.add("x-amz-target", "AWSCognitoIdentityProviderService.AdminDeleteUser")
        #expect(throws: InternalCallError.self) { try bench.arrive(call) }
    }

    @Test func `Other x-amz headers that were there before are signed`() throws {
        var call = bench.call { call in
            call.headers.add("x-amz-target", "AWSCognitoIdentityProviderService.GetUser")
            call.headers.add("x-amz-date", "20200101T000000Z")
            call.headers.add(.authorization, "Bearer x")
        }
        try bench.arrive(call)
        call = bench.call { $0.headers.add("x-amz-target", "AWSCognitoIdentityProviderService.GetUser") }
        call.replace("x-amz-target", "AWSCognitoIdentityProviderService.AdminDeleteUser")
        #expect(throws: InternalCallError.signature(.signatureMismatch)) { try bench.arrive(call) }
    }

    @Test func `A call for another callee or region is refused`() throws {
        #expect(throws: InternalCallError.signature(.invalidClaim("Credential should be scoped to correct service: 'notes'. "))) {
            try bench.arrive(bench.call(callee: .audit))
        }
        #expect(throws: InternalCallError.signature(.invalidClaim("Credential should be scoped to a valid region. "))) {
            try bench.arrive(bench.call(region: "eu-west-1"))
        }
    }

    @Test func `An unknown caller is refused, and a known one with another's secret`() throws {
        #expect(throws: InternalCallError.signature(.unknownAccessKey)) { try bench.arrive(bench.call(from: .identity)) }
        let mixed = Credentials(accessKeyID: "AKIDGATEWAY1", secretAccessKey: "secret-audit-1")
        #expect(throws: InternalCallError.signature(.signatureMismatch)) { try bench.arrive(bench.call(credentials: mixed)) }
    }

    @Test func `A caller may do only what its row says`() throws {
        #expect(throws: InternalCallError.callerNotAllowed) { try bench.arrive(bench.call(from: .audit, identity: nil), rule: .forwarded) }
        #expect(throws: InternalCallError.callerNotAllowed) { try bench.arrive(bench.call(), rule: CallRule([.audit], identity: .optional)) }
    }

    @Test func `Only the gateway may present an identity`() throws {
        #expect(throws: InternalCallError.identityNotAllowed) { try bench.arrive(bench.call(from: .audit)) }
    }

    @Test func `A required identity that is missing is 401, and a forbidden one is refused`() throws {
        let error = #expect(throws: InternalCallError.identityMissing) { try bench.arrive(bench.call(identity: nil), rule: .forwarded) }
        #expect(error?.status == .unauthorized)
        #expect(throws: InternalCallError.identityNotAllowed) { try bench.arrive(bench.call(), rule: CallRule([.gateway], identity: .forbidden)) }
    }

    @Test func `An identity made for another request, or twice there, is refused`() throws {
        let other = bench.call()
        let moved = bench.call(identity: nil) { call in
            call.target = "/notes/1"
            call.headers.add("x-strongroom-identity", other.headers["x-strongroom-identity"] ?? "")
        }
        #expect(throws: InternalCallError.identity(.wrongTarget)) { try bench.arrive(moved) }
        let twice = bench.call { $0.headers.add("x-strongroom-identity", other.headers["x-strongroom-identity"] ?? "") }
        #expect(throws: InternalCallError.identity(.duplicated)) { try bench.arrive(twice) }
    }

    @Test(arguments: ["/x/../notes?limit=1", "//notes?limit=1", "/./notes?limit=1", "/%6Eotes?limit=1", "/notes?", "http://notes:8083/notes"])
    func `A target in another spelling is refused, though its signature holds`(_ target: String) throws {
        #expect(throws: InternalCallError.targetNotCanonical) { try bench.arrive(bench.call(identity: nil) { $0.target = target }) }
        var call = bench.call(identity: nil)
        call.target = target
        #expect(throws: InternalCallError.targetNotCanonical) { try bench.arrive(call) }
    }

    @Test func `Two signatures, or two call ids, are refused`() throws {
        var call = bench.call()
        call.headers.add(.authorization, call.headers[.authorization] ?? "")
        #expect(throws: InternalCallError.malformedHeader("authorization")) { try bench.arrive(call) }
        var ids = bench.call()
        ids.headers.add("x-strongroom-call-id", UUID.v7(at: bench.clock.now, random: (1, 1)).description)
        #expect(throws: InternalCallError.signature(.signatureMismatch)) { try bench.arrive(ids) }
    }

    @Test func `A refused call isn't remembered, and can't crowd out others`() throws {
        var forged = bench.call()
        forged.replace(.contentType, "text/plain")
        for _ in 0..<100 { #expect(throws: InternalCallError.signature(.signatureMismatch)) { try bench.arrive(forged) } }
        forged.replace(.contentType, "application/json")
        try bench.arrive(forged)
    }

    @Test func `Answers to refused calls hold no credential`() throws {
        for error in [InternalCallError.signature(.signatureMismatch), .repeated, .identityMissing, .overloaded, .bodyMismatch] {
            guard case .bytes(let bytes) = error.response.body else { continue }
            #expect(String(decoding: bytes, as: UTF8.self).hasPrefix(#"{"message":"#))
        }
    }
}
