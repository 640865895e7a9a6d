import Bootstrap
import Contracts
import Foundation
import Testing

@Suite("The secrets of a cluster, a volume for each service")
final class ClusterSecretsTests {
    private let root: String
    private let files = FileManager.default

    init() throws {
        root = files.temporaryDirectory.appendingPathComponent("volumes-\(Foundation.UUID().uuidString)").path
        // As mounted volumes are: there, and empty.
        for name in ServiceName.allCases.map(\.rawValue) + ["operator", "gateway/tls"] {
            try files.createDirectory(atPath: "\(root)/\(name)", withIntermediateDirectories: true)
        }
    }

    deinit {
        try? files.removeItem(atPath: root)
    }

    private func make() throws -> ClusterSecrets.Outcome {
        try ClusterSecrets(root: root).make(cluster: "us-east-1", account: "000000000000")
    }

    private func contents() throws -> [String: Data] {
        let names = try #require(files.enumerator(atPath: root)).compactMap { $0 as? String }
        return Dictionary(uniqueKeysWithValues: names.compactMap { name in files.contents(atPath: "\(root)/\(name)").map { (name, $0) } })
    }

    @Test("every service has its own, and the operator the root key")
    func handedOut() throws {
        #expect(try make() == .made)
        let callers = try #require(try SecretsFolder(of: .authorizer, below: root).callerSecrets())
        let credentials = try String(contentsOfFile: SecretsFolder(of: .gateway, below: root).credentialsFile, encoding: .utf8)
        #expect(credentials.contains(try #require(callers.first { $0.caller == .gateway && $0.callee == .notes }).secret))
        let key = try SecretsFolder(of: .authorizer, below: root).rootKey()
        let operators = String(decoding: try OperatorFolder(path: "\(root)/operator").credentials(), as: UTF8.self)
        #expect(operators.contains(key.accessKeyID) && operators.contains(key.secret))
        #expect(try files.contentsOfDirectory(atPath: "\(root)/operator").sorted() == ["credentials", "lock"])
        for (name, _) in try contents() {
            let mode = try files.attributesOfItem(atPath: "\(root)/\(name)")[.posixPermissions] as? Int
            #expect(mode == 0o600, "\(name)")
        }
    }

    @Test("a second run changes nothing")
    func again() throws {
        #expect(try make() == .made)
        let before = try contents()
        #expect(try make() == .alreadyThere)
        #expect(try contents().filter { $0.key != "operator/lock" } == before.filter { $0.key != "operator/lock" })
    }

    @Test("a run that was interrupted goes on with the same keys", arguments: 0...4)
    func interrupted(filled: Int) throws {
        #expect(try make() == .made)
        let before = try contents().filter { $0.key != "operator/lock" }
        // What lies on the disk when a run ends after so many services: the whole in `unfinished`, and some of it handed out.
        for (index, service) in ServiceName.allCases.enumerated() {
            try files.createDirectory(atPath: "\(root)/operator/unfinished", withIntermediateDirectories: true)
            try files.copyItem(atPath: "\(root)/\(service.rawValue)", toPath: "\(root)/operator/unfinished/\(service.rawValue)")
            try? files.removeItem(atPath: "\(root)/operator/unfinished/gateway/tls")
            if index >= filled { try files.removeItem(atPath: "\(root)/\(service.rawValue)/keyring.json") }
        }
        try files.removeItem(atPath: "\(root)/operator/credentials")
        #expect(try make() == .made)
        #expect(try contents().filter { $0.key != "operator/lock" } == before)
    }

    @Test("a lost volume is said to be lost, and gets no new keys")
    func lost() throws {
        #expect(try make() == .made)
        try files.removeItem(atPath: "\(root)/notes/keyring.json")
        #expect(throws: SecretsError.lost(folder: "\(root)/notes")) { try self.make() }
        #expect(!files.fileExists(atPath: "\(root)/notes/keyring.json"))
    }

    @Test("a lost operator's volume makes no second cluster over the first")
    func lostOperator() throws {
        #expect(try make() == .made)
        let before = try contents()["notes/keyring.json"]
        try files.removeItem(atPath: "\(root)/operator/credentials")
        #expect(throws: SecretsError.self) { try self.make() }
        #expect(try contents()["notes/keyring.json"] == before)
    }

    @Test("another region's keys are refused")
    func otherRegion() throws {
        #expect(try make() == .made)
        #expect(throws: SecretsError.foreign(folder: "\(root)/gateway")) {
            try ClusterSecrets(root: self.root).make(cluster: "eu-west-1", account: "000000000000")
        }
    }
}
