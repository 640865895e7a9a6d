import Bootstrap
import Contracts
import Foundation
import Testing

@Suite final class SecretsTests {
    private let folder: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("secrets-\(Foundation.UUID().uuidString)").path
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    private func keyring(_ service: ServiceName) throws -> Keyring {
        try SecretsFolder(of: service, below: folder).keyring()
    }

    @Test func everyServiceGetsWhatItNeedsAndNoMore() throws {
        try SecretsGenerator(cluster: "us-east-1", account: "000000000000").write(to: folder)
        let gateway = try keyring(.gateway)
        let notes = try keyring(.notes)
        let audit = try keyring(.audit)
        #expect(gateway.cluster == "us-east-1" && gateway.account == "000000000000")
        #expect(gateway.identityKeys.map(\.audience) == [.identity, .authorizer, .notes, .audit])
        #expect(notes.identityKeys.map(\.audience) == [.notes])
        #expect(notes.identityKeys[0].key == gateway.identityKeys.first { $0.audience == .notes }?.key)
        #expect(notes.callers.map(\.caller) == [.gateway, .audit])
        #expect(gateway.callers.isEmpty)
        #expect(notes.eventKeys.map(\.source) == [.notes])
        #expect(audit.eventKeys.map(\.source) == [.gateway, .identity, .notes])
        #expect(audit.eventKeys.first { $0.source == .notes }?.key == notes.eventKeys[0].key)
        #expect(try SecretsFolder(of: .notes, below: folder).masterKey().count == 32)
        #expect(throws: SecretsError.self) { try SecretsFolder(of: .gateway, below: self.folder).masterKey() }
        #expect(throws: SecretsError.self) { try SecretsFolder(of: .notes, below: self.folder).rootKey() }
        #expect(try SecretsFolder(of: .authorizer, below: folder).rootKey().accessKeyID.hasPrefix("AKIA"))
    }

    @Test func aCallersCredentialsAreTheOnesItsCalleeKnows() throws {
        try SecretsGenerator(cluster: "us-east-1", account: "000000000000").write(to: folder)
        let file = try String(contentsOfFile: SecretsFolder(of: .audit, below: folder).credentialsFile, encoding: .utf8)
        let secrets = try #require(try SecretsFolder(of: .authorizer, below: folder).callerSecrets())
        let key = try #require(secrets.first { $0.caller == .audit && $0.callee == .notes })
        #expect(try keyring(.notes).callers.first { $0.caller == .audit }?.accessKeyID == key.accessKeyID)
        #expect(file.contains("[notes]\naws_access_key_id = \(key.accessKeyID)\naws_secret_access_key = \(key.secret)\n"))
        #expect(file.split(separator: "\n").filter { $0.hasPrefix("[") } == ["[notes]", "[authorizer]", "[identity]"])
    }

    @Test func secretsAreForTheirOwnerOnly() throws {
        try SecretsGenerator(cluster: "c", account: "000000000000").write(to: folder)
        let files = try #require(FileManager.default.enumerator(atPath: folder)).compactMap { $0 as? String }
        #expect(files.count == 5 + 5 + 5 + 4 + 2)
        for file in files {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(file)")
            let isFolder = attributes[.type] as? FileAttributeType == .typeDirectory
            #expect(attributes[.posixPermissions] as? Int == (isFolder ? 0o700 : 0o600), "\(file)")
        }
    }

    @Test func keysAreNeverOverwritten() throws {
        try SecretsGenerator(cluster: "c", account: "000000000000").write(to: folder)
        let before = try keyring(.notes)
        #expect(throws: SecretsError.alreadyThere(folder: folder)) {
            try SecretsGenerator(cluster: "c", account: "000000000000").write(to: self.folder)
        }
        #expect(try keyring(.notes).identityKeys[0].key == before.identityKeys[0].key)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["audit", "authorizer", "gateway", "identity", "notes"])
    }

    @Test func aMalformedKeyringNamesTheFileAndThePart() throws {
        try SecretsGenerator(cluster: "c", account: "000000000000").write(to: folder)
        let file = SecretsFolder(of: .notes, below: folder).keyringFile
        let text = try String(contentsOfFile: file, encoding: .utf8).replacingOccurrences(of: "\"account\"", with: "\"acount\"")
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        #expect(throws: SecretsError.malformed(file: file, part: "account")) { try self.keyring(.notes) }
    }
}
