@testable import Bootstrap
import Contracts
import Crypto
import Encodings
import HTTP
import SigV4
import Synchronization
import Testing
import Tokens

@testable import Trust

/// A gateway, an audit service and a stranger who call notes; and everything an attacker between them can do to a call.
struct CallBench {
    static let cluster = Cluster(name: "us-east-1", account: "000000000000", publicURL: "http://localhost:8080")
    static let start = Timestamp(microseconds: 1_800_000_000_400_000)

    final class Clock: Sendable {
        private let value = Mutex(CallBench.start)
        var wall: WallClock { WallClock { [self] in value.withLock { $0 } } }
        func advance(milliseconds: Int64) { value.withLock { $0 = $0.adding(milliseconds: milliseconds) } }
        var now: Timestamp { value.withLock { $0 } }
    }

    let clock = Clock()
    let verifier: InternalVerifier
    let identityKey: IdentityKey
    let keyring: Keyring
    private let generation: String

    /// - Parameter generation: of the keys; each has others.
    init(named generation: String = "1") throws {
        self.generation = generation
        let key = Array("identity key \(generation) of thirty-two bytes".utf8.prefix(32))
        identityKey = try IdentityKey(keyID: "k\(generation)", key: key)
        let callers = [ServiceName.gateway, .audit].map { caller in
            let credentials = Self.credentials(caller, generation)
            return Keyring.CallerKey(caller: caller, accessKeyID: credentials.accessKeyID, secret: credentials.secretAccessKey)
        }
        keyring = Keyring(
            cluster: "us-east-1", account: "000000000000", callers: callers,
            identityKeys: [Keyring.IdentityKey(audience: .notes, kid: "k\(generation)", key: key)], eventKeys: [])
        verifier = try InternalVerifier(service: .notes, cluster: Self.cluster, keyring: keyring, clock: clock.wall)
    }

    static func credentials(_ caller: ServiceName, _ generation: String = "1") -> Credentials {
        Credentials(accessKeyID: "AKID\(caller.rawValue.uppercased())\(generation)", secretAccessKey: "secret-\(caller.rawValue)-\(generation)")
    }

    func credentials(_ caller: ServiceName) -> Credentials { Self.credentials(caller, generation) }

    /// A call as text, to be altered between signing and arrival.
    struct Call {
        var method: Method = .post
        var target = "/notes?limit=1"
        var headers: Headers = [.host: "notes:8083", .contentType: "application/json"]
        var body = Array("{}".utf8)

        mutating func replace(_ name: HeaderName, _ value: String) { headers.set(name, value) }

        func head() throws -> RequestHead {
            var text = Array("\(method.rawValue) \(target) HTTP/1.1\r\n".utf8)
            for index in 0..<headers.count {
                text += headers.bytes[headers.nameRange(at: index)] + Array(": ".utf8) + headers.bytes[headers.valueRange(at: index)] + [13, 10]
            }
            text += Array("content-length: \(body.count)\r\n\r\n".utf8)
            var parser = RequestParser(limits: HeadLimits())
            let head = try parser.parse(text.span)
            return try #require(head)
        }
    }

    /// - Parameter prepare: before it is signed.
    func call(
        from caller: ServiceName = .gateway, callee: ServiceName = .notes, region: String = "us-east-1", credentials: Credentials? = nil,
        identity: CallerIdentity? = CallerIdentity(method: .jwt, subject: "u", tenant: "t"), prepare: (inout Call) -> Void = { _ in }
    ) -> Call {
        var call = Call()
        if let identity {
            let header = IdentityHeaderSigner(issuer: "gw", audience: .notes, key: identityKey)
            var value: [UInt8] = []
            header.append(
                PreparedIdentity(identity), requestID: UUID.v4(random: (1, 2)), source: "192.0.2.1", method: call.method.rawValue,
                target: call.target.utf8.span, at: clock.now, to: &value)
            call.headers.add("x-strongroom-identity", value)
        }
        prepare(&call)
        CallSigner(callee: callee, region: region).sign(
            method: call.method, target: call.target.utf8.span, headers: &call.headers, bodyHash: SHA256.hash(call.body),
            credentials: credentials ?? self.credentials(caller), at: clock.now)
        return call
    }

    @discardableResult
    func arrive(_ call: Call, rule: CallRule = CallRule([.gateway, .audit], identity: .optional)) throws -> CallContext {
        let head = try call.head()
        let verified = try verifier.verify(head, rule: rule)
        try verified.check(body: call.body.span)
        return verified.context
    }
}
