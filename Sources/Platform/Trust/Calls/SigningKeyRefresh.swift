public import Bootstrap
import Contracts
import Crypto
import Encodings
import Files
public import HTTP
import JSON
import Observability
import SigV4

/// Has the authorizer derive the signing keys of this service's callers, days ahead, and keeps them, sealed, beside the service's data: so calls are verified for
/// days while the authorizer is away.
///
/// Until it has been reached for the first time the keyring's first days serve. Whose calls count is the keyring's to say at all times.
public final class SigningKeyRefresh: BackgroundService {
    public let name = "signing-keys"
    /// Between two questions while all is well.
    private static let interval = Duration.seconds(3_600)
    /// After so many failures it is asked less often, unless nothing is known of today.
    private static let patience = 10

    private let verifier: InternalVerifier
    private let credentials: CredentialChain
    private let authorizer: InternalClient
    private let file: String
    private let cipher: AES256GCM
    private let clock: WallClock
    private let log: Logger

    /// - Parameters:
    ///   - key: 32 bytes, which seal what is kept.
    ///   - folder: of the service's data.
    public init(_ verifier: InternalVerifier, runtime: Runtime, client: HTTPClient, key: [UInt8], folder: String) throws {
        self.verifier = verifier
        credentials = CredentialChain(for: .authorizer, runtime: runtime, client: client)
        authorizer = InternalClient(
            callee: .authorizer, endpoint: runtime.address(of: .authorizer), region: runtime.cluster.name, client: client,
            credentials: credentials, clock: runtime.clock)
        file = "\(folder)/.signing-keys"
        cipher = try AES256GCM(key: key)
        clock = runtime.clock
        log = runtime.log
        // What can't be read or opened is asked for anew.
        if let kept = try? cipher.openBox(try File.read(file, limit: 1 << 20), additionalData: place), let days = SigningKeyGrant.decode(kept) {
            verifier.learn(days)
        }
    }

    /// Calls can be verified.
    public var readiness: Readiness {
        verifier.covers(clock.now()) ? .ready : .notReady("the authorizer has handed out no signing keys for today")
    }

    public func run() async {
        var failures = 0
        while !Task.isCancelled {
            do {
                try await refresh()
                if failures >= Self.patience { log.info("The authorizer hands out signing keys again") }
                failures = 0
            } catch {
                failures += 1
                // Services start together: what passes by itself is not worth a line.
                if failures == Self.patience, !Task.isCancelled {
                    log.warning("The authorizer hands out no signing keys; those that are kept serve", .error(error))
                }
            }
            let isUrgent = failures < Self.patience || !verifier.covers(clock.now())
            // Ends early, by throwing, when the task is cancelled; then the loop ends too.
            try? await Task.sleep(for: failures == 0 ? Self.interval : isUrgent ? .seconds(1) : .seconds(30))
        }
    }

    func refresh() async throws {
        let own = try await credentials.credentials().credentials
        let grant = SigningKeyGrant(accessKeyID: own.accessKeyID)
        let answer = try await authorizer.json(.json(.post, SigningKeyGrant.target, JSON.encode(grant.question)))
        guard let days = grant.open(answer, by: verifier.callee, secret: own.secretAccessKey) else { throw NotFromTheAuthorizer() }
        verifier.learn(days)
        try File.replace(file, with: cipher.sealBox(SigningKeyGrant.encode(days), additionalData: place))
    }

    private var place: [UInt8] { Array("signing keys of callers".utf8) }

    /// The answer doesn't open under the key of the question.
    struct NotFromTheAuthorizer: Error {}
}
