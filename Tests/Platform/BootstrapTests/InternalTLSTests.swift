import Contracts
import Encodings
import Files
import HTTP
import Observability
import Testing

@testable import Bootstrap
@testable import Transport

@Suite struct InternalTLSTests {
    private let now = Timestamp.now
    private let loops = LoopGroup.start(count: 1)
    private let log = Logger(service: "test", buffer: LogBuffer { _ in }, now: WallClock.system.now)

    private func withRoot(_ body: (String) async throws -> Void) async throws {
        let root = try Directory.temporary(prefix: "internal-tls-")
        defer { try? Directory.removeTree(root) }
        try await body(root)
        loops.stop()
    }

    private func files(of service: ServiceName, below root: String) -> InternalTLS { InternalTLS(secrets: SecretsFolder(of: service, below: root)) }

    /// What a caller with `caller`'s certificates gets of a server with `callee`'s, asked for as `name`.
    private func call(_ callee: InternalTLS, by caller: InternalTLS, as name: ServiceName) async throws -> Status {
        let watch = try callee.watch(log: log, metrics: MetricsRegistry())
        let server = try await HTTPServer.start(on: .loopback(port: 0), loops: loops, tls: watch.context) { _ in
            // More than fits a record, both ways through the same machinery as in the clear.
            Response(body: .bytes([UInt8](repeating: 7, count: 100_000)))
        }
        let client = HTTPClient(loops: loops)
        let endpoint = try caller.secure(Endpoint(host: "127.0.0.1", port: server.address.port), of: name)
        do {
            // The second comes on the same connection.
            _ = try await client.send(ClientRequest(.get, "/"), to: endpoint).body.collect(upTo: 100_000)
            let response = try await client.send(ClientRequest(.post, "/", body: .bytes([UInt8](repeating: 1, count: 300_000))), to: endpoint)
            #expect(try await response.body.collect(upTo: 100_000).count == 100_000)
            await client.shutDown()
            await server.shutDown(withinMilliseconds: 0)
            return response.status
        } catch {
            await server.shutDown(withinMilliseconds: 0)
            throw error
        }
    }

    @Test func `services that have their certificates understand each other`() async throws {
        try await withRoot { root in
            _ = try InternalCertificates(below: root).makeIfMissing(now: now)
            let status = try await call(files(of: .notes, below: root), by: files(of: .gateway, below: root), as: .notes)
            #expect(status == .ok)
        }
    }

    @Test func `a service under another's name is not believed`() async throws {
        try await withRoot { root in
            _ = try InternalCertificates(below: root).makeIfMissing(now: now)
            let error = await #expect(throws: ClientError.self) {
                try await call(files(of: .audit, below: root), by: files(of: .gateway, below: root), as: .notes)
            }
            guard case .connect(.encryption) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test func `clusters don't believe each other, neither as callers nor as callees`() async throws {
        try await withRoot { root in
            for cluster in ["one", "two"] { _ = try InternalCertificates(below: "\(root)/\(cluster)").makeIfMissing(now: now) }
            let stranger = files(of: .gateway, below: "\(root)/two")
            let own = files(of: .notes, below: "\(root)/one")
            await #expect(throws: ClientError.self) { try await call(own, by: stranger, as: .notes) }
            // One that trusts us, and whom we don't: it learns so with its first read.
            try File.replace(stranger.authorityFile, with: try File.read(own.authorityFile, limit: 1 << 20))
            await #expect(throws: ClientError.closed) { try await call(own, by: stranger, as: .notes) }
        }
    }

    @Test func `certificates are made once, and what an interrupted run left is made anew`() async throws {
        try await withRoot { root in
            let made = InternalCertificates(below: root)
            #expect(try made.makeIfMissing(now: now))
            let bundle = try File.read("\(root)/operator/internal-tls.pem", limit: 1 << 20)
            #expect(try !made.makeIfMissing(now: now))
            #expect(try File.read("\(root)/operator/internal-tls.pem", limit: 1 << 20) == bundle)
            try File.replace("\(root)/operator/internal-tls.pem.unfinished", with: [])
            try File.remove(files(of: .audit, below: root).certificateFile)
            #expect(try made.makeIfMissing(now: now))
            #expect(try File.read("\(root)/operator/internal-tls.pem", limit: 1 << 20) != bundle)
            #expect(try await call(files(of: .audit, below: root), by: files(of: .notes, below: root), as: .audit) == .ok)
        }
    }

    @Test func `a service that lost its certificate is named, and nobody else's is touched`() async throws {
        try await withRoot { root in
            let made = InternalCertificates(below: root)
            _ = try made.makeIfMissing(now: now)
            let audit = files(of: .audit, below: root)
            try File.remove(audit.certificateFile)
            #expect(throws: SecretsError.incomplete(folder: audit.folder)) { try made.makeIfMissing(now: now) }
        }
    }

    @Test func `files that can't be used are refused by what is wrong with them`() async throws {
        try await withRoot { root in
            _ = try InternalCertificates(below: root).makeIfMissing(now: now)
            let notes = files(of: .notes, below: root)
            let good = try File.read(notes.authorityFile, limit: 1 << 20)
            for bad in [[], Array("no certificate".utf8), good + Array("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".utf8)] {
                try File.replace(notes.authorityFile, with: bad)
                let error = #expect(throws: CertificateError.self) { try notes.watch(log: log, metrics: MetricsRegistry()) }
                #expect(error.map { "\($0)".contains("authorities") } == true)
            }
            try File.remove(notes.authorityFile)
            #expect(throws: CertificateError.self) { try notes.watch(log: log, metrics: MetricsRegistry()) }
        }
    }

    @Test func `where one of the certificates can't be used, callers and the listener both keep theirs`() async throws {
        try await withRoot { root in
            for cluster in ["one", "two"] { _ = try InternalCertificates(below: "\(root)/\(cluster)").makeIfMissing(now: now) }
            let (first, second) = (files(of: .notes, below: "\(root)/one"), files(of: .audit, below: "\(root)/one"))
            let watch = try CertificateWatch(
                CertificatePaths([first, second].map { CertificatePaths.Pair(chain: $0.certificateFile, key: $0.keyFile) }),
                authority: first.authorityFile, log: log, metrics: MetricsRegistry())
            let client = try #require(watch.client)
            let (called, shown) = (client.current, watch.context.current)
            func take(_ pair: InternalTLS, of service: ServiceName) throws {
                let new = files(of: service, below: "\(root)/two")
                for (old, new) in [(pair.certificateFile, new.certificateFile), (pair.keyFile, new.keyFile)] {
                    try File.replace(old, with: try File.read(new, limit: 1 << 20))
                }
            }

            // Callers show the first pair only, and that one is good.
            try take(first, of: .notes)
            try File.replace(second.keyFile, with: Array("no key".utf8))
            watch.reload()
            #expect(client.current === called && watch.context.current === shown)

            try take(second, of: .audit)
            watch.reload()
            #expect(client.current !== called && watch.context.current !== shown)
        }
    }

    @Test func `keys are for their owner's eyes only`() async throws {
        try await withRoot { root in
            _ = try InternalCertificates(below: root).makeIfMissing(now: now)
            for service in ServiceName.allCases { #expect(try File.mode(files(of: service, below: root).keyFile) & 0o777 == 0o600) }
            #expect(try File.mode("\(root)/operator/internal-tls.pem") & 0o777 == 0o600)
        }
    }
}

extension Timestamp {
    fileprivate static var now: Timestamp { WallClock.system.now() }
}
