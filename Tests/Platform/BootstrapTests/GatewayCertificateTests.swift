import Bootstrap
import Encodings
import Foundation
import TestTools
import Testing

@Suite("The gateway's first certificate")
final class GatewayCertificateTests {
    private let root: String
    private let files = FileManager.default

    init() throws {
        root = files.temporaryDirectory.appendingPathComponent("certificate-\(Foundation.UUID().uuidString)").path
        try files.createDirectory(atPath: "\(root)/gateway", withIntermediateDirectories: true)
        try files.createDirectory(atPath: "\(root)/operator", withIntermediateDirectories: true)
    }

    deinit {
        try? files.removeItem(atPath: root)
    }

    private var now: Timestamp { Timestamp(seconds: Int64(Date().timeIntervalSince1970)) }

    /// Runs OpenSSL's own command, which knows nothing of how the certificate was made.
    private func openssl(_ arguments: String...) async throws -> (status: Int32, output: String) {
        let said = try await ForeignProgram.run("/usr/bin/openssl", arguments)
        return (said.status, said.text + said.errors)
    }

    @Test(
        "is trusted by whoever trusts its authority, for its names only",
        arguments: [("notes.example", true), ("localhost", true), ("other.example", false)])
    func verifies(name: String, isGood: Bool) async throws {
        #expect(try GatewayCertificate(below: root).makeIfMissing(host: "notes.example", now: now))
        let said = try await openssl(
            "verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", name, "-CAfile", "\(root)/operator/authority.pem",
            "\(root)/gateway/tls/certificate.pem")
        #expect((said.status == 0) == isGood, "\(said.output)")
    }

    @Test("is for numeric addresses too")
    func addresses() async throws {
        #expect(try GatewayCertificate(below: root).makeIfMissing(host: "192.0.2.7", now: now))
        for address in ["192.0.2.7", "127.0.0.1", "::1"] {
            let said = try await openssl(
                "verify", "-x509_strict", "-verify_ip", address, "-CAfile", "\(root)/operator/authority.pem", "\(root)/gateway/tls/certificate.pem")
            #expect(said.status == 0, "\(said.output)")
        }
    }

    @Test("has the key that lies beside it")
    func key() async throws {
        #expect(try GatewayCertificate(below: root).makeIfMissing(host: "localhost", now: now))
        let ofKey = try await openssl("pkey", "-pubout", "-in", "\(root)/gateway/tls/key.pem")
        let ofCertificate = try await openssl("x509", "-noout", "-pubkey", "-in", "\(root)/gateway/tls/certificate.pem")
        #expect(ofKey.status == 0 && ofKey.output == ofCertificate.output)
    }

    @Test("is never put over one that is there")
    func keeps() throws {
        try files.createDirectory(atPath: "\(root)/gateway/tls", withIntermediateDirectories: true)
        try "mine".write(toFile: "\(root)/gateway/tls/certificate.pem", atomically: true, encoding: .utf8)
        #expect(try !GatewayCertificate(below: root).makeIfMissing(host: "localhost", now: now))
        #expect(try String(contentsOfFile: "\(root)/gateway/tls/certificate.pem", encoding: .utf8) == "mine")
    }

    @Test("made between two ends of a run, it is the one whose key is there")
    func interrupted() throws {
        #expect(try GatewayCertificate(below: root).makeIfMissing(host: "localhost", now: now))
        let (certificate, key) = ("\(root)/gateway/tls/certificate.pem", "\(root)/gateway/tls/key.pem")
        let before = (files.contents(atPath: certificate), files.contents(atPath: key))
        try files.moveItem(atPath: certificate, toPath: "\(certificate).new")
        #expect(try GatewayCertificate(below: root).makeIfMissing(host: "localhost", now: now))
        #expect((files.contents(atPath: certificate), files.contents(atPath: key)) == before)
    }

    @Test("a key of the operator's is never replaced")
    func operatorsKey() throws {
        try files.createDirectory(atPath: "\(root)/gateway/tls", withIntermediateDirectories: true)
        try "mine".write(toFile: "\(root)/gateway/tls/key.pem", atomically: true, encoding: .utf8)
        #expect(throws: SecretsError.foreign(folder: "\(root)/gateway/tls")) {
            try GatewayCertificate(below: self.root).makeIfMissing(host: "localhost", now: self.now)
        }
        #expect(try String(contentsOfFile: "\(root)/gateway/tls/key.pem", encoding: .utf8) == "mine")
    }

    @Test("a host that could smuggle another name in is refused")
    func names() throws {
        #expect(throws: (any Error).self) { try GatewayCertificate(below: self.root).makeIfMissing(host: "a,DNS:b.example", now: self.now) }
        #expect(try files.contentsOfDirectory(atPath: "\(root)/gateway/tls").isEmpty)
    }
}
