import Contracts
import Encodings
import Files
import Observability
import Synchronization
import Testing

@testable import Bootstrap

@Suite final class KeyRotationTests {
    private let root: String
    private let now = Timestamp(seconds: 1_800_000_000)

    init() throws {
        root = try Directory.temporary(prefix: "rotation-")
        try Directory.removeTree(root)
        try SecretsGenerator(cluster: "us-east-1", account: "000000000000").write(to: root)
    }

    deinit { try? Directory.removeTree(root) }

    private func pairs(_ kind: SharedKeyKind) throws -> [KeyPair] {
        let secrets = try SecretsOfCluster(below: root)
        return try kind.pairs.map { try #require(secrets.pair(kind, $0.signer, $0.verifier)) }
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

        #expect(try rotation.publish() == before.count)
        for (old, pair) in zip(before, try pairs(kind)) {
            #expect(pair.stage == .published && pair.signing == old.signing && pair.accepted.count == 2)
        }
        try rotation.move(at: now)
        for (old, pair) in zip(before, try pairs(kind)) {
            #expect(pair.stage == .overlapping(since: now) && pair.signing == pair.accepted[1])
            #expect(pair.accepted[0].id == old.signing.id && pair.signing.id != old.signing.id && pair.signing.secret != old.signing.secret)
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
        _ = try rotation.publish()
        try rotation.move(at: now)
        for pair in try pairs(kind) {
            for service in ServiceName.allCases {
                let folder = SecretsFolder(of: service, below: root)
                let bytes = try File.read(folder.keyringFile, limit: 1 << 20) + File.read(folder.credentialsFile, limit: 1 << 20)
                let has = String(decoding: bytes, as: UTF8.self).contains(pair.signing.id)
                #expect(has == (service == pair.signer || service == pair.verifier), "\(service)")
            }
        }
        var after = try SecretsOfCluster(below: root)
        for (signer, verifier) in kind.pairs { after.set(try #require(before.pair(kind, signer, verifier)), kind) }
        #expect(after == before)
    }

    @Test func `Interrupted after any write it goes on, with the keys that were made`() throws {
        // Only some verifiers were reached.
        let settled = try SecretsOfCluster(below: root)
        _ = try KeyRotation(.call, below: root).publish()
        let published = try SecretsOfCluster(below: root)
        let file = SecretsFolder(of: .notes, below: root).keyringFile
        try File.replace(file, with: try #require(settled.keyrings[.notes]).json)
        #expect(throws: KeyRotationError.unfinished) { try KeyRotation(.call, below: self.root).retire(overlap: 0, at: self.now) }
        _ = try KeyRotation(.call, below: root).publish()
        for (signer, verifier) in SharedKeyKind.call.pairs where verifier != .notes {
            #expect(try SecretsOfCluster(below: root).pair(.call, signer, verifier) == published.pair(.call, signer, verifier))
        }
        #expect(try pairs(.call).allSatisfy { $0.stage == .published })

        // Signers were reached, and it was not noted.
        try KeyRotation(.call, below: root).move(at: now)
        for service in ServiceName.allCases {
            let keyring = SecretsFolder(of: service, below: root).keyringFile
            let text = String(decoding: try File.read(keyring, limit: 1 << 20), as: UTF8.self)
            try File.replace(keyring, with: Array(text.split(separator: ",\"replaced\":1800000000").joined().utf8))
        }
        #expect(try pairs(.call).allSatisfy { $0.stage == .moved })
        let signing = try pairs(.call).map(\.signing)
        #expect(throws: KeyRotationError.unfinished) { try KeyRotation(.call, below: self.root).retire(overlap: 0, at: self.now) }
        _ = try KeyRotation(.call, below: root).publish()
        try KeyRotation(.call, below: root).move(at: now.adding(seconds: 5))
        #expect(try pairs(.call).allSatisfy { $0.stage == .overlapping(since: self.now.adding(seconds: 5)) })
        #expect(try pairs(.call).map(\.signing) == signing)
    }

    @Test func `While replaced keys are still accepted there is no next rotation`() throws {
        _ = try KeyRotation(.event, below: root).publish()
        try KeyRotation(.event, below: root).move(at: now)
        #expect(throws: KeyRotationError.overlapping(since: now)) { try KeyRotation(.event, below: self.root).publish() }
    }

    @Test func `Folders that don't belong together are refused, and left as they are`() throws {
        let other = "\(root)-other"
        defer { try? Directory.removeTree(other) }
        try SecretsGenerator(cluster: "us-east-1", account: "000000000000").write(to: other)
        let file = SecretsFolder(of: .audit, below: root).credentialsFile
        try File.replace(file, with: try File.read(SecretsFolder(of: .audit, below: other).credentialsFile, limit: 1 << 20))
        #expect(throws: KeyRotationError.torn(signer: .audit, verifier: .notes)) { try KeyRotation(.call, below: self.root).publish() }
        #expect(try SecretsFolder(of: .identity, below: root).keyring().callers.count == 1)
    }

    @Test func `Credentials that an operator has written otherwise are refused by name`() throws {
        let file = SecretsFolder(of: .audit, below: root).credentialsFile
        try File.replace(file, with: File.read(file, limit: 1 << 20) + Array("role_arn = x\n".utf8))
        #expect(throws: SecretsError.malformed(file: file, part: "the form that keys init gives it")) {
            try KeyRotation(.call, below: self.root).publish()
        }
    }

    @Test func `One rotation at a time`() throws {
        let first = try KeyRotation(.call, below: root)
        #expect(throws: (any Error).self) { try KeyRotation(.identity, below: self.root) }
        _ = try first.publish()
    }

    // MARK: Taking changed files into use

    /// A watch over the notes service's folder, and what it has handed on.
    private final class Watched: Sendable {
        let watch: SecretsWatch
        let keyrings = Mutex<[Keyring]>([])

        init(_ folder: SecretsFolder) throws {
            let log = Logger(service: "notes", buffer: LogBuffer { _ in }, now: { .epoch })
            watch = SecretsWatch(folder, keyring: try folder.keyring(), log: log, metrics: MetricsRegistry())
            watch.onChange { [self] keyring in keyrings.withLock { $0.append(keyring) } }
        }

        var count: Int { keyrings.withLock { $0.count } }
    }

    @Test func `Changed files are handed on once, and what can't be used is not`() throws {
        let folder = SecretsFolder(of: .notes, below: root)
        let watched = try Watched(folder)
        watched.watch.reload()
        #expect(watched.count == 0)

        _ = try KeyRotation(.call, below: root).publish()
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

    @Test func `A file that changed between the start and the first look is not missed`() throws {
        let folder = SecretsFolder(of: .notes, below: root)
        let before = try folder.keyring()
        _ = try KeyRotation(.identity, below: root).publish()
        let log = Logger(service: "notes", buffer: LogBuffer { _ in }, now: { .epoch })
        let watch = SecretsWatch(folder, keyring: before, log: log, metrics: MetricsRegistry())
        let seen = Mutex(0)
        watch.onChange { keyring in seen.withLock { $0 += keyring.identityKeys.count } }
        watch.reload()
        #expect(seen.withLock { $0 } == 2)
    }
}

extension String {
    fileprivate func replacing(_ text: String, with other: String) -> String {
        split(separator: text, omittingEmptySubsequences: false).joined(separator: other)
    }
}
