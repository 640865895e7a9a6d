import Contracts
import Encodings
import Files
import Observability
import Processes
import Synchronization
import Testing

@testable import Bootstrap

@Suite final class KeyRotationTests {
    private let root: String
    private let now = Timestamp(seconds: 1_800_000_000)

    init() throws {
        root = try Directory.temporary(prefix: "rotation-")
        try Directory.removeTree(root)
        try SecretsGenerator(cluster: "us-east-1", account: "000000000000", now: now).write(to: root)
    }

    deinit { try? Directory.removeTree(root) }

    private func pairs(_ kind: SharedKeyKind) throws -> [KeyPair] {
        let secrets = try SecretsOfCluster(below: root)
        return kind.pairs.map { secrets.pair(kind, $0.signer, $0.verifier) }
    }

    /// Whether each verifier has its signer's key: what must hold after every write.
    private func noneIsTorn() throws -> Bool {
        try SharedKeyKind.allCases.allSatisfy { try pairs($0).allSatisfy { $0.stage != .torn } }
    }

    @Test(arguments: SharedKeyKind.allCases) func `Verifiers have new keys first, then signers, and the old ones go last`(_ kind: SharedKeyKind)
        throws
    {
        let before = try pairs(kind)
        #expect(before.count == kind.pairs.count && before.allSatisfy { $0.stage == .settled })
        let rotation = try KeyRotation(kind, below: root)

        #expect(try rotation.publish(at: now) == before.count)
        for (old, pair) in zip(before, try pairs(kind)) {
            #expect(pair.stage == .published && pair.signing == old.signing && pair.accepted.count == 2)
        }
        try rotation.move(at: now)
        for (old, pair) in zip(before, try pairs(kind)) {
            #expect(pair.stage == .overlapping(since: now) && pair.signing == pair.accepted[1])
            #expect(pair.accepted[0].id == old.signing?.id && pair.signing?.id != old.signing?.id && pair.signing?.secret != old.signing?.secret)
        }
        #expect(throws: KeyRotationError.tooEarly(until: now.adding(seconds: 120))) {
            try rotation.retire(overlap: 120, at: now.adding(seconds: 119))
        }
        #expect(try rotation.retire(overlap: 120, at: now.adding(seconds: 120)) == before.count)
        for pair in try pairs(kind) { #expect(pair.stage == .settled && pair.accepted == [pair.signing]) }
        #expect(try rotation.retire(overlap: 0, at: now) == 0)
        #expect(try noneIsTorn())
    }

    @Test(arguments: SharedKeyKind.allCases) func `Nobody but the two of a pair has its new key, and nothing else changes`(_ kind: SharedKeyKind)
        throws
    {
        let before = try SecretsOfCluster(below: root)
        let rotation = try KeyRotation(kind, below: root)
        _ = try rotation.publish(at: now)
        try rotation.move(at: now)
        for pair in try pairs(kind) {
            for service in ServiceName.allCases {
                let folder = SecretsFolder(of: service, below: root)
                let bytes = try File.read(folder.keyringFile, limit: 1 << 20) + File.read(folder.credentialsFile, limit: 1 << 20)
                let has = String(decoding: bytes, as: UTF8.self).contains(try #require(pair.signing).id)
                #expect(has == (service == pair.signer || service == pair.verifier), "\(service)")
            }
        }
        var after = try SecretsOfCluster(below: root)
        for (signer, verifier) in kind.pairs { after.set(before.pair(kind, signer, verifier), kind, at: now) }
        #expect(after == before)
    }

    @Test func `Interrupted after any write it goes on, with the keys that were made`() throws {
        // Only some verifiers were reached.
        let settled = try SecretsOfCluster(below: root)
        _ = try KeyRotation(.call, below: root).publish(at: now)
        let published = try SecretsOfCluster(below: root)
        let file = SecretsFolder(of: .notes, below: root).keyringFile
        try File.replace(file, with: try #require(settled.keyrings[.notes]).json)
        #expect(throws: KeyRotationError.unfinished) { try KeyRotation(.call, below: self.root).retire(overlap: 0, at: self.now) }
        _ = try KeyRotation(.call, below: root).publish(at: now)
        for (signer, verifier) in SharedKeyKind.call.pairs {
            #expect(try SecretsOfCluster(below: root).pair(.call, signer, verifier) == published.pair(.call, signer, verifier))
        }
        #expect(try pairs(.call).allSatisfy { $0.stage == .published })
        #expect(try SecretsOfCluster(below: root).keyrings == published.keyrings)

        // Signers were reached, and it was not noted.
        try KeyRotation(.call, below: root).move(at: now)
        for service in ServiceName.allCases {
            let folder = SecretsFolder(of: service, below: root)
            let keyring = service == .authorizer ? folder.callersFile : folder.keyringFile
            let text = String(decoding: try File.read(keyring, limit: 1 << 20), as: UTF8.self)
            try File.replace(keyring, with: Array(text.split(separator: ",\"replaced\":1800000000").joined().utf8))
        }
        #expect(try pairs(.call).allSatisfy { $0.stage == .moved })
        let signing = try pairs(.call).map(\.signing)
        #expect(throws: KeyRotationError.unfinished) { try KeyRotation(.call, below: self.root).retire(overlap: 0, at: self.now) }
        _ = try KeyRotation(.call, below: root).publish(at: now)
        try KeyRotation(.call, below: root).move(at: now.adding(seconds: 5))
        #expect(try pairs(.call).allSatisfy { $0.stage == .overlapping(since: self.now.adding(seconds: 5)) })
        #expect(try pairs(.call).map(\.signing) == signing)
    }

    @Test(arguments: [SharedKeyKind.identity, .event])
    func `Interrupted while the time is noted, it goes on`(_ kind: SharedKeyKind) throws {
        _ = try KeyRotation(kind, below: root).publish(at: now)
        let published = try SecretsOfCluster(below: root)
        try KeyRotation(kind, below: root).move(at: now)
        // As if the first of the verifiers alone had been reached: the others know no time.
        let (_, first) = try #require(kind.pairs.first)
        for (service, keyring) in published.keyrings where service != first {
            try File.replace(SecretsFolder(of: service, below: root).keyringFile, with: keyring.json)
        }
        _ = try KeyRotation(kind, below: root).publish(at: now)
        try KeyRotation(kind, below: root).move(at: now.adding(seconds: 5))
        for pair in try pairs(kind) {
            guard case .overlapping = pair.stage else {
                Issue.record("\(pair.signer) and \(pair.verifier) are \(pair.stage)")
                continue
            }
        }
        #expect(throws: KeyRotationError.self) { try KeyRotation(kind, below: self.root).publish(at: self.now) }
    }

    @Test func `A cluster from before the authorizer had callers' secrets gets them with its first rotation, and callees lose theirs`() throws {
        // As it was: secrets with those who are called, and nobody but the gateway and identity calls the authorizer.
        let secrets = try #require(try SecretsFolder(of: .authorizer, below: root).callerSecrets())
        for service in ServiceName.allCases {
            let folder = SecretsFolder(of: service, below: root)
            var keyring = try folder.keyring()
            keyring.callers = secrets.filter { $0.callee == service && !($0.callee == .authorizer && [.notes, .audit].contains($0.caller)) }.map {
                Keyring.CallerKey(caller: $0.caller, accessKeyID: $0.accessKeyID, secret: $0.secret)
            }
            try File.replace(folder.keyringFile, with: keyring.json)
            var own = try CredentialsFile(parsing: try folder.credentials(), caller: service, region: "us-east-1", file: "")
            if [.notes, .audit].contains(service) { own.profiles.removeAll { $0.callee == .authorizer } }
            try File.replace(folder.credentialsFile, with: own.text)
        }
        try File.remove(SecretsFolder(of: .authorizer, below: root).callersFile)

        let rotation = try KeyRotation(.call, below: root)
        _ = try rotation.publish(at: now)
        try rotation.move(at: now)
        _ = try rotation.retire(overlap: 0, at: now)
        #expect(try pairs(.call).allSatisfy { $0.stage == .settled })
        #expect(try SecretsFolder(of: .authorizer, below: root).callerSecrets()?.count == SharedKeyKind.call.pairs.count)
        for service in ServiceName.allCases where service != .authorizer {
            for key in try SecretsFolder(of: service, below: root).keyring().callers {
                guard case .days(let days) = key.material else { throw SecretsError.lost(folder: service.rawValue) }
                #expect(days.covers(now) && days.covers(now.adding(seconds: 7 * 86_400)) && !days.covers(now.adding(seconds: 8 * 86_400)))
            }
        }
    }

    @Test func `No service but the authorizer has a secret of those who call it`() throws {
        let secrets = try #require(try SecretsFolder(of: .authorizer, below: root).callerSecrets())
        #expect(secrets.count == SharedKeyKind.call.pairs.count)
        for service in ServiceName.allCases where service != .authorizer {
            for name in try Directory.list(SecretsFolder(of: service, below: root).path) {
                let text = String(decoding: try File.read("\(SecretsFolder(of: service, below: root).path)/\(name)", limit: 1 << 20), as: UTF8.self)
                for key in secrets where key.caller != service { #expect(!text.contains(key.secret)) }
            }
        }
    }

    @Test func `While replaced keys are still accepted there is no next rotation`() throws {
        _ = try KeyRotation(.event, below: root).publish(at: now)
        try KeyRotation(.event, below: root).move(at: now)
        #expect(throws: KeyRotationError.overlapping(since: now)) { try KeyRotation(.event, below: self.root).publish(at: self.now) }
    }

    @Test func `Old event keys go once a backup of audit has all that they signed, or at once where they have leaked`() throws {
        let rotation = try KeyRotation(.event, below: root)
        _ = try rotation.publish(at: now)
        try rotation.move(at: now)
        let (overlap, signed) = (SharedKeyKind.event.overlap, now.adding(seconds: 120))
        let later = now.adding(seconds: 30 * 86_400)
        for older in [nil, now.adding(seconds: -86_400), now, signed.adding(seconds: -1)] {
            #expect(throws: KeyRotationError.notBackedUp(since: signed)) { try rotation.retire(overlap: overlap, auditBackup: older, at: later) }
        }
        // A younger backup doesn't make up for one of before, which may still be restored.
        #expect(throws: KeyRotationError.tooEarly(until: now.adding(seconds: overlap))) {
            try rotation.retire(overlap: overlap, auditBackup: signed, at: signed)
        }
        #expect(try pairs(.event).allSatisfy { $0.stage == .overlapping(since: self.now) })
        #expect(try rotation.retire(overlap: overlap, auditBackup: signed, at: later) == SharedKeyKind.event.pairs.count)

        _ = try rotation.publish(at: later)
        try rotation.move(at: later)
        #expect(try rotation.retire(overlap: 0, at: later) == SharedKeyKind.event.pairs.count)
        #expect(try pairs(.event).allSatisfy { $0.stage == .settled })
    }

    @Test func `Folders that don't belong together are refused, and left as they are`() throws {
        let other = "\(root)-other"
        defer { try? Directory.removeTree(other) }
        try SecretsGenerator(cluster: "us-east-1", account: "000000000000").write(to: other)
        let file = SecretsFolder(of: .audit, below: root).credentialsFile
        try File.replace(file, with: try File.read(SecretsFolder(of: .audit, below: other).credentialsFile, limit: 1 << 20))
        let before = try SecretsFolder(of: .identity, below: root).keyring().callers.map(\.accessKeyID)
        #expect(throws: KeyRotationError.torn(signer: .audit, verifier: .notes)) { try KeyRotation(.call, below: self.root).publish(at: self.now) }
        #expect(try SecretsFolder(of: .identity, below: root).keyring().callers.map(\.accessKeyID) == before)
    }

    @Test func `Another user's folders are refused, and left as they are`() throws {
        let before = try SecretsOfCluster(below: root)
        #expect(throws: KeyRotationError.notOwner(folder: "\(root)/gateway")) {
            try KeyRotation(.call, below: self.root, as: CurrentProcess.user + 1)
        }
        #expect(try SecretsOfCluster(below: root) == before)
        #expect(!File.exists("\(root)/authorizer/rotation.lock"))
    }

    @Test func `Credentials that an operator has written otherwise are refused by name`() throws {
        let file = SecretsFolder(of: .audit, below: root).credentialsFile
        try File.replace(file, with: File.read(file, limit: 1 << 20) + Array("role_arn = x\n".utf8))
        #expect(throws: SecretsError.malformed(file: file, part: "the form that keys init gives it")) {
            try KeyRotation(.call, below: self.root).publish(at: self.now)
        }
    }

    @Test func `One rotation at a time`() throws {
        let first = try KeyRotation(.call, below: root)
        #expect(throws: (any Error).self) { try KeyRotation(.identity, below: self.root) }
        _ = try first.publish(at: now)
    }

    // MARK: Taking changed files into use

    /// A watch over the notes service's folder, and what it has handed on.
    private final class Watched: Sendable {
        let watch: SecretsWatch
        let keyrings = Mutex<[Keyring]>([])

        init(_ folder: SecretsFolder) throws {
            let log = Logger(service: "notes", buffer: LogBuffer { _ in }, now: { .epoch })
            watch = SecretsWatch(folder, keyring: try folder.keyring(), log: log, metrics: MetricsRegistry())
            watch.onChange { [self] keyring in { [self] in keyrings.withLock { $0.append(keyring) } } }
        }

        var count: Int { keyrings.withLock { $0.count } }
    }

    @Test func `Changed files are handed on once, and what can't be used is not`() throws {
        let folder = SecretsFolder(of: .notes, below: root)
        let watched = try Watched(folder)
        watched.watch.reload()
        #expect(watched.count == 0)

        _ = try KeyRotation(.call, below: root).publish(at: now)
        watched.watch.reload()
        watched.watch.reload()
        #expect(watched.count == 1)
        #expect(watched.keyrings.withLock { $0.last } == (try folder.keyring()))

        // Its own credentials: the keyring is the same.
        try KeyRotation(.call, below: root).move(at: now)
        watched.watch.reload()
        #expect(watched.count == 2)

        let good = try File.read(folder.keyringFile, limit: 1 << 20)
        for bad in [[], Array("{".utf8), Array(String(decoding: good, as: UTF8.self).replacing("us-east-1", with: "elsewhere").utf8)] {
            try File.replace(folder.keyringFile, with: bad)
            watched.watch.reload()
        }
        try File.remove(folder.keyringFile)
        watched.watch.reload()
        watched.watch.reload()
        #expect(watched.count == 2)
        try File.replace(folder.keyringFile, with: good)
        watched.watch.reload()
        #expect(watched.count == 3)
    }

    @Test func `A file that a user of the secrets misses is said to be missing once, and taken when it is back`() throws {
        let folder = SecretsFolder(of: .authorizer, below: root)
        let metrics = MetricsRegistry()
        let watch = SecretsWatch(
            folder, keyring: try folder.keyring(), log: Logger(service: "authorizer", buffer: LogBuffer { _ in }, now: { .epoch }), metrics: metrics)
        let taken = Mutex(0)
        watch.onChange { _ in
            _ = try folder.rootKeys()
            return { taken.withLock { $0 += 1 } }
        }
        let bytes = try File.read(folder.rootKeyFile, limit: 1 << 20)
        try File.remove(folder.rootKeyFile)
        for _ in 0..<3 { watch.reload() }
        #expect(metrics.counter("strongroom_secrets_refused_total", help: "").value == 1)
        try File.replace(folder.rootKeyFile, with: bytes)
        for _ in 0..<3 { watch.reload() }
        #expect(metrics.counter("strongroom_secrets_refused_total", help: "").value == 1 && taken.withLock { $0 } == 1)
    }

    @Test func `What one user of the secrets can't use, none takes`() throws {
        struct Unusable: Error {}
        let watched = try Watched(SecretsFolder(of: .notes, below: root))
        watched.watch.onChange { _ in throw Unusable() }
        _ = try KeyRotation(.call, below: root).publish(at: now)
        watched.watch.reload()
        #expect(watched.count == 0)
    }

    @Test func `What could not be used for a moment is tried again, and told once`() throws {
        struct Passing: Error {}
        let metrics = MetricsRegistry()
        let folder = SecretsFolder(of: .notes, below: root)
        let log = Logger(service: "notes", buffer: LogBuffer { _ in }, now: { .epoch })
        let watch = SecretsWatch(folder, keyring: try folder.keyring(), log: log, metrics: metrics)
        let failures = Mutex(3)
        let taken = Mutex(0)
        watch.onChange { _ in
            let isOver = failures.withLock { left in
                left -= 1
                return left < 0
            }
            guard isOver else { throw Passing() }
            return { taken.withLock { $0 += 1 } }
        }
        _ = try KeyRotation(.call, below: root).publish(at: now)
        for looks in 1...6 {
            watch.reload()
            #expect(taken.withLock { $0 } == (looks > 3 ? 1 : 0))
        }
        #expect(metrics.counter("strongroom_secrets_refused_total", help: "").value == 1)
    }

    @Test func `A file that changed between the start and the first look is not missed`() throws {
        let folder = SecretsFolder(of: .notes, below: root)
        let before = try folder.keyring()
        _ = try KeyRotation(.identity, below: root).publish(at: now)
        let log = Logger(service: "notes", buffer: LogBuffer { _ in }, now: { .epoch })
        let watch = SecretsWatch(folder, keyring: before, log: log, metrics: MetricsRegistry())
        let seen = Mutex(0)
        watch.onChange { keyring in { seen.withLock { $0 += keyring.identityKeys.count } } }
        watch.reload()
        #expect(seen.withLock { $0 } == 2)
    }
}

extension String {
    fileprivate func replacing(_ text: String, with other: String) -> String {
        split(separator: text, omittingEmptySubsequences: false).joined(separator: other)
    }
}
