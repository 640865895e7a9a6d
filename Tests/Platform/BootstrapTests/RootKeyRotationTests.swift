import Contracts
import Encodings
import Files
import Processes
import Testing

@testable import Bootstrap

@Suite final class RootKeyRotationTests {
    private let root: String
    private let now = Timestamp(seconds: 1_800_000_000)
    private var folder: SecretsFolder { SecretsFolder(of: .authorizer, below: root) }
    private var operatorFolder: OperatorFolder { OperatorFolder(path: "\(root)/operator") }

    init() throws {
        root = try Directory.temporary(prefix: "root-rotation-")
        _ = try ClusterSecrets(root: root).make(cluster: "us-east-1", account: "000000000000")
    }

    deinit { try? Directory.removeTree(root) }

    private func operators() throws -> String { String(decoding: try operatorFolder.credentials(), as: UTF8.self) }

    @Test func `Both keys are accepted until the old one is retired`() throws {
        let old = try folder.rootKey()
        let rotation = try RootKeyRotation(below: root)
        let new = try rotation.rotate(at: now)
        let keys = try folder.rootKeys()
        #expect(keys.map(\.accessKeyID) == [new.accessKeyID, old.accessKeyID] && keys.map(\.secret) == [new.secret, old.secret])
        #expect(keys.map(\.replaced) == [nil, now] && new.secret != old.secret)
        #expect(try operators().contains(new.secret) && !operators().contains(old.secret))
        #expect(throws: KeyRotationError.overlapping(since: now)) { try rotation.rotate(at: self.now) }

        #expect(throws: KeyRotationError.tooEarly(until: now.adding(seconds: 60))) { try rotation.retire(overlap: 60, at: self.now) }
        #expect(try rotation.retire(overlap: 60, at: now.adding(seconds: 60)) == 1)
        #expect(try folder.rootKeys() == [new])
        #expect(try rotation.retire(overlap: 0, at: now) == 0)
        #expect(try rotation.rotate(at: now) != new)
    }

    @Test func `Interrupted before the operator has the new key, it goes on with that key, and the old one stays until then`() throws {
        let before = try operatorFolder.credentials()
        let rotation = try RootKeyRotation(below: root)
        let made = try rotation.rotate(at: now)
        try File.replace(operatorFolder.credentialsFile, with: before)
        #expect(throws: KeyRotationError.unfinished) { try rotation.retire(overlap: 0, at: self.now) }
        #expect(try rotation.rotate(at: now.adding(seconds: 9)) == made)
        #expect(try folder.rootKeys().map(\.replaced) == [nil, now])
        #expect(try operators().contains(made.secret))
    }

    @Test func `Where there is no operator's copy, none is made`() throws {
        try Directory.removeTree(operatorFolder.path)
        _ = try RootKeyRotation(below: root).rotate(at: now)
        #expect(!File.exists(operatorFolder.path))
    }

    @Test func `One rotation at a time, of any kind, and only by who owns the files`() throws {
        let first = try RootKeyRotation(below: root)
        #expect(throws: FileError.self) { try KeyRotation(.call, below: self.root) }
        withExtendedLifetime(first) {}
        #expect(throws: KeyRotationError.notOwner(folder: folder.path)) { try RootKeyRotation(below: self.root, as: CurrentProcess.user + 1) }
    }

    @Test(arguments: [
        "", "{}", #"{"accessKeyId":"","secretAccessKey":"s"}"#, #"{"accessKeyId":"a","secretAccessKey":"s","replaced":{}}"#,
        #"{"accessKeyId":"a","secretAccessKey":"s","replaced":[{"accessKeyId":"b","secretAccessKey":"t"}]}"#,
    ]) func `A file of another form is refused, and no secret is said`(_ text: String) throws {
        try File.replace(folder.rootKeyFile, with: Array(text.utf8))
        #expect {
            try self.folder.rootKeys()
        } throws: { error in
            guard case SecretsError.malformed(let file, _) = error else { return false }
            return file == self.folder.rootKeyFile
        }
    }
}
