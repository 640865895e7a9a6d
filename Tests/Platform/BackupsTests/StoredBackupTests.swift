import Bootstrap
import Contracts
import Crypto
import Encodings
import Files
import HTTP
import JSON
import Observability
import SQLite
import Testing
import Transport
import Trust

@testable import Backups

@Suite struct StoredBackupTests {
    /// A service's secrets and a desk that copies what a test says, in a folder of its own.
    private struct Fixture {
        let folder: String
        let secrets: SecretsFolder
        let desk: BackupDesk
        private let runtime: Runtime
        let loops = LoopGroup.start(count: 1)

        init(copy: @escaping @Sendable (BackupTarget) async throws -> Void) throws {
            folder = try Directory.temporary(prefix: "backups-")
            try SecretsGenerator(cluster: "us-east-1", account: "000000000000").write(to: "\(folder)/secrets")
            secrets = SecretsFolder(of: .notes, below: "\(folder)/secrets")
            runtime = Runtime(
                service: .notes, loops: loops, log: Logger(service: "notes", buffer: LogBuffer { _ in }, now: { .epoch }), metrics: MetricsRegistry(),
                clock: .system, cluster: Cluster(name: "us-east-1", account: "000000000000", publicURL: "http://127.0.0.1:1"),
                keyring: try secrets.keyring(), secrets: secrets, peers: [:])
            desk = try BackupDesk(root: "\(folder)/backups", runtime: runtime, copy: copy)
        }

        func make(_ name: String, without: Set<String> = []) async throws -> String {
            try await desk.start(try BackupName(name), without: without)
            await desk.finish()
            return "\(folder)/backups/\(name)"
        }

        func anotherDesk() throws -> BackupDesk {
            try BackupDesk(root: "\(folder)/backups", runtime: runtime) { _ in }
        }

        func end() throws {
            loops.stop()
            try Directory.removeTree(folder)
        }
    }

    private static func copyTwoFiles(_ folder: String) throws {
        try Directory.create("\(folder)/tenant")
        try File.create("\(folder)/tenant/manifest.json", with: Array("{}".utf8))
        let connection = try Connection(path: "\(folder)/tenant/0.sqlite", role: .writer)
        try connection.execute("CREATE TABLE word(text TEXT)")
        try connection.run("INSERT INTO word VALUES(?)", .text("kept"))
        _ = try connection.checkpoint(.truncate)
    }

    @Test func whatWasBackedUpComesBack() async throws {
        let fixture = try Fixture { try Self.copyTwoFiles($0.folder) }
        defer { try? fixture.end() }
        let backup = try StoredBackup(try await fixture.make("first"), secrets: fixture.secrets)
        let paths = backup.manifest.files.map { $0.path }
        #expect(paths == ["tenant/0.sqlite", "tenant/manifest.json"])
        try backup.verify()
        let target = "\(fixture.folder)/data"
        try backup.restore(to: target, service: .notes, cluster: "us-east-1")
        let restored = try Connection(path: "\(target)/tenant/0.sqlite", role: .writer)
        let words = try restored.rows("SELECT text FROM word") { $0.text(0) }
        #expect(words == ["kept"])
        // Nobody knows what a restored shard has still to deliver.
        #expect(try Directory.list("\(target)/.undelivered") == ["tenant.0"])
    }

    @Test func aCopyThatFailsIsNoBackup() async throws {
        struct DiskFull: Error {}
        let fixture = try Fixture { target in
            try File.create("\(target.folder)/half", with: [1])
            throw DiskFull()
        }
        defer { try? fixture.end() }
        let folder = try await fixture.make("first")
        #expect(!File.exists(folder))
        #expect(try Directory.list("\(fixture.folder)/backups").isEmpty)
        guard case .failed(let name, _) = fixture.desk.progress else {
            Issue.record("it counts as made")
            return
        }
        #expect(name.text == "first")
    }

    @Test func whatCanNotBeCopiedIsNamedAndMayBeLeftOut() async throws {
        struct Damaged: Error {}
        let fixture = try Fixture { target in
            try await target.each(["a", "b", "c", "d"]) { tenant in
                if ["b", "d"].contains(tenant) { throw Damaged() }
                try File.create("\(target.folder)/\(tenant)", with: [])
            }
        }
        defer { try? fixture.end() }
        for (without, left) in [([], "b, d"), (["b"], "d"), (["d", "x"], "b")] as [(Set<String>, String)] {
            let folder = try await fixture.make("first", without: without)
            guard case .failed(_, let reason) = fixture.desk.progress else {
                Issue.record("it counts as made")
                return
            }
            #expect(
                reason.contains("tenant \(left) has") && reason.contains("Damaged") && reason.hasSuffix("--without \(left.replacing(" ", with: ""))"))
            #expect(!File.exists(folder))
        }
        let manifest = try StoredBackup(try await fixture.make("second", without: ["b", "d"]), secrets: fixture.secrets).manifest
        #expect(manifest.files.map { $0.path } == ["a", "c"] && manifest.without == ["b", "d"])
    }

    @Test func aSecondOneAtATimeIsRefused() async throws {
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let fixture = try Fixture { _ in for await _ in gate {} }
        defer { try? fixture.end() }
        try await fixture.desk.start(try BackupName("first"))
        await #expect(throws: BackupError.busy(name: "first")) { try await fixture.desk.start(try BackupName("second")) }
        open.finish()
        await fixture.desk.finish()
    }

    @Test(arguments: ["", ".", "..", ".hidden", "a.unfinished", "a/b", "a b", "ä", String(repeating: "x", count: 65)])
    func namesThatLeadElsewhereAreRefused(_ name: String) {
        #expect(throws: BackupError.invalidName(name)) { try BackupName(name) }
    }

    /// Whoever can write to where backups lie can't have another file restored, nor one outside of the folder.
    @Test func aManifestThatSomebodyElseWroteIsRefused() async throws {
        let fixture = try Fixture { try Self.copyTwoFiles($0.folder) }
        defer { try? fixture.end() }
        let folder = try await fixture.make("first")
        let file = "\(folder)/\(BackupManifest.fileName)"
        let genuine = try File.read(file, limit: 1 << 20)
        let outer = try JSON.parse(genuine)
        let body = try #require(outer["manifest"]?.string.flatMap { Base64.decode($0) })
        let text = String(decoding: body, as: UTF8.self)
        for forged in [text.replacing("tenant/0.sqlite", with: "tenant/1.sqlite"), text.replacing("us-east-1", with: "us-east-2")] {
            #expect(forged != text)
            let code = try #require(outer["code"])
            try File.replace(file, with: JSON.encode(["manifest": .string(Base64.encode(Array(forged.utf8))), "code": code]))
            #expect(throws: BackupError.foreign(folder: folder)) { try StoredBackup(folder, secrets: fixture.secrets) }
        }
        // Also unsigned, as `verify` without secrets reads it, no path may lead out of the folder.
        for path in ["../0.sqlite", "/etc/passwd", "tenant/../../x", "tenant//x", "./x"] {
            let forged = text.replacing("tenant\\/0.sqlite", with: path).replacing("tenant/0.sqlite", with: path)
            #expect(forged != text)
            try File.replace(file, with: JSON.encode(["manifest": .string(Base64.encode(Array(forged.utf8))), "code": .string("00")]))
            #expect(throws: BackupError.notABackup(folder: folder)) { try StoredBackup(folder, secrets: nil) }
        }
        try File.replace(file, with: genuine)
        let other = "\(fixture.folder)/other"
        try SecretsGenerator(cluster: "us-east-1", account: "000000000000").write(to: other)
        #expect(throws: BackupError.foreign(folder: folder)) { try StoredBackup(folder, secrets: SecretsFolder(of: .notes, below: other)) }
    }

    @Test func anInterruptedRestoreIsRunAgainBeforeTheServiceStarts() async throws {
        let fixture = try Fixture { try Self.copyTwoFiles($0.folder) }
        defer { try? fixture.end() }
        let backup = try StoredBackup(try await fixture.make("first"), secrets: fixture.secrets)
        let target = "\(fixture.folder)/data"
        // As it ends between two of the last moves, with what a service makes before it notices.
        try Directory.create("\(target)/.restoring/rest")
        try Directory.create("\(target)/tenant")
        try File.create("\(target)/lock", with: [])
        try File.create("\(target)/index.sqlite", with: [1])
        #expect(throws: BackupError.unfinished(folder: "\(target)/.restoring")) { try StoredBackup.requireWhole(target) }
        try backup.restore(to: target, service: .notes, cluster: "us-east-1")
        #expect(try Directory.list(target) == [".restored", ".undelivered", "tenant"])
        try StoredBackup.requireWhole(target)
    }

    @Test func whatAnInterruptedBackupLeftIsDropped() async throws {
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let fixture = try Fixture { target in
            try File.create("\(target.folder)/half", with: [1])
            for await _ in gate {}
            try Task.checkCancellation()
        }
        defer { try? fixture.end() }
        try Directory.create("\(fixture.folder)/backups/old.unfinished/rest")
        _ = try fixture.anotherDesk()
        #expect(try Directory.list("\(fixture.folder)/backups").isEmpty)
        // A service that stops does not wait for it.
        try await fixture.desk.start(try BackupName("first"))
        await fixture.desk.close()
        open.finish()
        #expect(try Directory.list("\(fixture.folder)/backups").isEmpty)
    }

    @Test func manyFilesAreAManifestThatCanBeRead() throws {
        let key = HMACSHA256(key: [1])
        let files = (0..<20_000).map { BackupManifest.Entry(path: "us-east-1_Tenant\($0)/0.sqlite", bytes: $0, sha256: SHA256.hash([1])) }
        let manifest = BackupManifest(service: .notes, cluster: "us-east-1", made: .epoch, files: files)
        #expect(try BackupManifest(manifest.encoded(under: key), under: key, folder: "x") == manifest)
    }

    @Test func aFileThatIsNotWhatWasWrittenIsNotRestored() async throws {
        let fixture = try Fixture { try Self.copyTwoFiles($0.folder) }
        defer { try? fixture.end() }
        let folder = try await fixture.make("first")
        let backup = try StoredBackup(folder, secrets: fixture.secrets)
        let target = "\(fixture.folder)/data"
        #expect(throws: BackupError.otherService(wanted: "audit", found: "notes")) {
            try backup.restore(to: target, service: .audit, cluster: "us-east-1")
        }
        #expect(throws: BackupError.otherCluster(wanted: "eu", found: "us-east-1")) { try backup.restore(to: target, service: .notes, cluster: "eu") }
        try File.replace("\(folder)/tenant/manifest.json", with: Array("{ }".utf8))
        #expect(throws: BackupError.damaged(file: "\(folder)/tenant/manifest.json")) { try backup.verify() }
        #expect(throws: BackupError.damaged(file: "\(folder)/tenant/manifest.json")) {
            try backup.restore(to: target, service: .notes, cluster: "us-east-1")
        }
        // Nobody takes what is not there for an empty service; a run that succeeds ends it.
        #expect(try Directory.list(target) == [".restoring"])
        #expect(throws: BackupError.unfinished(folder: "\(target)/.restoring")) { try StoredBackup.requireWhole(target) }
        let whole = try StoredBackup(try await fixture.make("second"), secrets: fixture.secrets)
        try whole.restore(to: target, service: .notes, cluster: "us-east-1")
        #expect(throws: Never.self) { try StoredBackup.requireWhole(target) }
    }
}
